create table t(a text collate "C", b text, c varchar(5) collate "POSIX");
create index on t(a);
create view v as select a, b from t order by a;

-- becomes

create table t(a text, b text compression pglz collate "C", c text collate "C");
create index on t(a);
create view v as select a, b from t order by a;

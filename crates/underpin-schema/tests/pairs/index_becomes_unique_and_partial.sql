create table t(a int, b int);
create index i on t(a);
create unique index j on t(b) where a is null;

-- becomes

create table t(a int, b int);
create unique index i on t(a) where b > 100;
create index j on t(b, a desc nulls last);

create table t(a int, b text, c date);
create index i on t(a);
create view v as select a, b from t;

-- becomes

create table t(b int, a text, c date);
create index i on t(b);
create view v as select b, a from t;

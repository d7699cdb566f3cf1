create table t(a int, b int, c int);
create view v as select a, b from t;
create view w as select * from v;
create materialized view m as select b from w;

-- becomes

create table t(a int, c int);
create view v as select a, c as b from t;
create view w as select * from v;
create materialized view m as select b from w;

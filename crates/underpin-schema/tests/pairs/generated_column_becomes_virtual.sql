-- since 18
create table t(a int, b int generated always as (a * 2) stored, c int generated always as (a + 1) virtual, d int);
create view v as select b, c from t;

-- becomes

create table t(a int, b int generated always as (a * 2) virtual, c int generated always as (a + 2) virtual, d int generated always as (a) virtual);
create view v as select b, c from t;

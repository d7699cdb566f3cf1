create table t(a int, b int, c int generated always as (a + b) stored check (c < 1000000), constraint u unique (c));
create index i on t((c + 1)) where c > 0;
create view v as select c from t;
create materialized view m as select sum(c) from t;
create statistics s on a, c from t;

-- becomes

create table t(a int, b int, c int generated always as (a - b) stored check (c < 1000000), constraint u unique (c));
create index i on t((c + 1)) where c > 0;
create view v as select c from t;
create materialized view m as select sum(c) from t;
create statistics s on a, c from t;

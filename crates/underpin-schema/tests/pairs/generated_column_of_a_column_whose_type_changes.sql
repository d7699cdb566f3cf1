create table t(a int, b text generated always as (a::text) stored);
create index on t(b);
create view v as select b from t;

-- becomes

create table t(a bigint, b text generated always as (a::text) stored);
create index on t(b);
create view v as select b from t;

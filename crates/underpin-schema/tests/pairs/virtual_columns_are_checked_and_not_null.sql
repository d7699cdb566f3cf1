-- since 18
create table t(a int, b int generated always as (a * 2), constraint c check (b < 100000));

-- becomes

create table t(a int, b int generated always as (a * 3) not null, constraint c check (b < 200000), d text generated always as ('x' || a));
create view v as select b, d from t;

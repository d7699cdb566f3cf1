create table t(a int);
create materialized view m as select a from t;
create materialized view n as select a from m with no data;
create view v as select * from n;

-- becomes

create table t(a int, b int);
create materialized view m as select a, b from t;
create materialized view n as select a, b from m;
create index on n(b);
create view v as select a from n;

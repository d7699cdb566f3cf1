create table t(a int, b int);
create materialized view m1 as select a, b from t;
create materialized view m2 as select a from m1;
create unique index on m2(a);
create view v3 as select a from m2;
create materialized view m4 as select * from v3 with no data;
create index on m4(a);

-- becomes

create table t(a int, b int);
create materialized view m1 as select a, b from t where a > 0;
create materialized view m2 as select b as a from m1;
create unique index on m2(a);
create view v3 as select a from m2;
create materialized view m4 with (autovacuum_enabled = off) as select * from v3 with no data;
create index on m4(a);
comment on materialized view m4 is 'four';

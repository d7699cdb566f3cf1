create table t(a int);
create view v as select a from t;
create table w(a int);
create materialized view x as select a from t;
create view y as select * from v;

-- becomes

create table t(a int);
create materialized view v as select a from t;
create view w as select a from t;
create table x(a int);
create view y as select * from v;

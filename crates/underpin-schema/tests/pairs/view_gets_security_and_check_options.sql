create table t(a int, b int);
create view v as select a, b from t where a > 0;
create view w with (security_barrier) as select a from v;
create view x as select a from t where b > 0 with cascaded check option;

-- becomes

create table t(a int, b int);
create view v with (security_barrier = true) as select a, b from t where a > 0 with local check option;
create view w as select a from v where a < 100 with check option;
create view x as select a from t where b > 0;

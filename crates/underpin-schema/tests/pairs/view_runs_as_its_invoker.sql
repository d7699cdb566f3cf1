-- since 15
create table t(a int);
create view v as select a from t;
create view w with (security_invoker) as select a from t;

-- becomes

create table t(a int);
create view v with (security_invoker = true, security_barrier) as select a from t;
create view w as select a from t;

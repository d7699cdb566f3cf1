create table t(a int,b int);
create view v as select a from t;

-- becomes

create table t(a int,b int);
create view v with (security_barrier) as select b, a from t;
create rule r as on insert to v do instead insert into t values(new.a,new.b);

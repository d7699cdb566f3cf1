create table t(a int);
create view v as select a from t;

-- becomes

create table t(a int);
create function f() returns trigger language plpgsql as $$begin insert into t values (new.a); return new; end$$;
create view v as select a, a+1 b from t;
create trigger x instead of insert on v for each row execute function f();

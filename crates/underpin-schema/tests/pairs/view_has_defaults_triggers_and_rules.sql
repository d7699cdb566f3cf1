create table t(a int, b int);
create view v as select a, b from t;
create function f() returns trigger language plpgsql as $$begin return null; end$$;
create rule i as on insert to v do instead insert into t values (new.a, new.b);
alter view v alter b set default 5;

-- becomes

create table t(a int, b int);
create view v as select a, b, a + b as c from t;
create function f() returns trigger language plpgsql as $$begin return null; end$$;
create trigger u instead of update or delete on v for each row execute function f();
create trigger s after insert on v for each statement execute function f();
create rule i as on insert to v where new.a > 5 do also insert into t values (new.a, 1);
alter view v alter a set default 7;

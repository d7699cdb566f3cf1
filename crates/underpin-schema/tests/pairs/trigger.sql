create table t(a int);
create function g() returns trigger language plpgsql as $$begin return new; end$$;
create trigger tr before insert on t for each row execute function g();

-- becomes

create table t(a int, b int);
create function g() returns trigger language plpgsql as $$begin new.b := 1; return new; end$$;
create trigger tr before insert or update of a on t for each row when (new.a > 0) execute function g();
alter table t disable trigger tr;

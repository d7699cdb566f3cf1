create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table t(a int);
create table u(a int);
create trigger a before insert on t for each row execute function f();
create trigger b before insert on u for each row execute function f();

-- becomes

create schema s;
create function s.f() returns trigger language plpgsql as $$begin return new; end$$;
create table t(a int);
create table u(a int);
create trigger a before insert on t for each row execute function s.f();
create trigger b before insert on u for each row execute function s.f();

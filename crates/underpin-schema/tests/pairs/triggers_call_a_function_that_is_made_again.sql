create type e as enum ('a', 'b');
create table t(x e, y int);
create function f() returns trigger language plpgsql as $$declare v e; begin return new; end$$;
create function g(e) returns bool language sql immutable as $$select $1 = 'a'$$;
create trigger x before insert on t for each row when (g(new.x)) execute function f();

-- becomes

create type e as enum ('a', 'c');
create table t(x e, y int);
create function f() returns trigger language plpgsql as $$declare v e; begin return new; end$$;
create function g(e) returns bool language sql immutable as $$select $1 = 'a'$$;
create trigger x before insert on t for each row when (g(new.x)) execute function f();

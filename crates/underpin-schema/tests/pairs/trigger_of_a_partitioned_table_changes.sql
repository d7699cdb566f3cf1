create function f() returns trigger language plpgsql as $$begin return new; end$$;
create function g() returns trigger language plpgsql as $$begin return new; end$$;
create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1) partition by list (b);
create table p11 partition of p1 for values in (1);
create trigger x after insert on p for each row execute function f();
create trigger y after update on p1 for each row execute function f();

-- becomes

create function f() returns trigger language plpgsql as $$begin return new; end$$;
create function g() returns trigger language plpgsql as $$begin return new; end$$;
create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1) partition by list (b);
create table p11 partition of p1 for values in (1);
create table p2 partition of p for values in (2);
create trigger x after insert on p for each row when (new.a > 0) execute function g();
create trigger y after update on p11 for each row execute function f();
create trigger z before insert on p for each row execute function g();

create table t(a int);
create function f1() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before insert on t for each row execute function f1();

-- becomes

create table t(a int);
create function f2() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before insert on t for each row execute function f2();
create trigger y after update on t referencing old table as o for each statement execute function f2();

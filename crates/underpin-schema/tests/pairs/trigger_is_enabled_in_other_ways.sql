create table t(a int);
create table p(a int) partition by list (a);
create table p1 partition of p for values in (1);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger a after insert on t for each row execute function f();
create trigger b after insert on t for each row execute function f();
create trigger c after insert on p for each row execute function f();
alter table t enable always trigger a;

-- becomes

create table t(a int);
create table p(a int) partition by list (a);
create table p1 partition of p for values in (1);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger a after insert on t for each row execute function f();
create trigger b after insert on t for each row execute function f();
create trigger c after insert on p for each row execute function f();
alter table t enable replica trigger b;
alter table p1 disable trigger c;

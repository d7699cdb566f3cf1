create table t(a int, b int);
create table r(a int);
create function f() returns trigger language plpgsql as $$begin return null; end$$;
create constraint trigger c after insert on t from r deferrable initially deferred for each row execute function f();
create trigger p before insert on t for each statement execute function f();

-- becomes

create table t(a int, b int);
create table r(a int);
create function f() returns trigger language plpgsql as $$begin return null; end$$;
create constraint trigger c after insert or delete on t deferrable initially immediate for each row when (pg_trigger_depth() = 0) execute function f();
create constraint trigger p after update of a on t for each row execute function f();
comment on trigger c on t is 'c';

create table t(a int4range, b int, c text, exclude using gist (a with &&));
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x after insert or update of b, c on t for each row when (new.b > 3 and new.c = 'x') execute function f();
create trigger y after update on t for each row when (old.* is distinct from new.*) execute function f();

-- becomes

create table t(a text, b bigint, c varchar(10));
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x after insert or update of b, c on t for each row when (new.b > 3 and new.c = 'x') execute function f();
create trigger y after update on t for each row when (old.* is distinct from new.*) execute function f();

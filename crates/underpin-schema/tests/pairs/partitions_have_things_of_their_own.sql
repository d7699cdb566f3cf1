create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table p(a int, b text) partition by hash (a);
create table p0 partition of p for values with (modulus 2, remainder 0);
create table p1 partition of p for values with (modulus 2, remainder 1);

-- becomes

create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table p(a int, b text) partition by hash (a);
create table p0 partition of p(b default 'p0', constraint own check (b <> 'q')) for values with (modulus 2, remainder 0);
create table p1 partition of p(a not null) for values with (modulus 2, remainder 1) with (fillfactor = 80);
create index own_idx on p0(b);
create trigger own before insert on p1 for each row execute function f();
create trigger every after insert on p for each row execute function f();
comment on table p1 is 'second';
comment on column p0.b is 'b of p0';

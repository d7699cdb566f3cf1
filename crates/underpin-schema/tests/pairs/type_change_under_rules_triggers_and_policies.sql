create table log(n bigint);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table t(a int, b int);
alter table t enable row level security;
create rule r as on update to t where old.a <> new.a do also insert into log values (new.a);
create trigger w before update of a on t for each row when (old.a is distinct from new.a) execute function f();
create policy p on t using (a > 0) with check (b < 10);

-- becomes

create table log(n bigint);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table t(a bigint, b smallint);
alter table t enable row level security;
create rule r as on update to t where old.a <> new.a do also insert into log values (new.a);
create trigger w before update of a on t for each row when (old.a is distinct from new.a) execute function f();
create policy p on t using (a > 0) with check (b < 10);

create table t(a int);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before insert on t for each row execute function f();
alter table t enable row level security;
create policy p on t using (a > 0);
create index on t(a);
comment on table t is 't';
grant select on t to public;

-- becomes

create table t(a int) partition by list (a);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before insert on t for each row execute function f();
alter table t enable row level security;
create policy p on t using (a > 0);
create index on t(a);
comment on table t is 't';
grant select on t to public;

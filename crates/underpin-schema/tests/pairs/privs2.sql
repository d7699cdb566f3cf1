do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create table t(a int, b int);
grant all on t to app_r;
create function f() returns int language sql as 'select 1';
alter default privileges grant select on tables to app_r;

-- becomes

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create table t(a int, b int);
grant select(a), update(b) on t to app_r with grant option;
create function f() returns int language sql as 'select 1';
revoke execute on function f() from public;
grant execute on function f() to app_r;
create sequence q;
grant usage on sequence q to app_r;
alter default privileges in schema public grant insert on tables to app_r;
create policy p on t to app_r using (true);

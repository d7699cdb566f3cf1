do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create schema s;
alter default privileges in schema s grant select on tables to app_r;
alter default privileges revoke execute on functions from public;
create table s.t(a int);

-- becomes

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create schema s;
alter default privileges in schema s grant insert, update on tables to app_r with grant option;
alter default privileges in schema s grant usage on sequences to app_r;
alter default privileges grant usage on schemas to app_r;
alter default privileges revoke usage on types from public;
create table s.t(a int);
create table s.u(a serial);
create function s.f() returns int language sql as 'select 1';

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create schema s;
alter default privileges for role app_r in schema s grant select on tables to public;

-- becomes

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create schema s;
alter default privileges for role app_r in schema s grant insert on tables to public;
alter default privileges for role app_r grant execute on functions to app_r;
create table s.t(a int);

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create table t(a int, b int);
create view v as select a from t;
create materialized view m as select a from t;
create function f(t) returns int language sql as 'select 1';
grant select on v to app_r;
grant select (a) on m to public;
revoke execute on function f(t) from public;

-- becomes

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create table t(a bigint, b int);
create view v as select b, a from t;
create materialized view m as select a, b from t;
create function f(t) returns bigint language sql as 'select 1::bigint';
grant select on v to app_r;
grant select (a) on m to public;
revoke execute on function f(t) from public;
comment on view v is 'again';

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create schema s;
create table s.t(a int, b int);
create sequence s.q;
create function s.f(int, text) returns int language sql as 'select 1';
create procedure s.p() language sql as 'select 1';
create type s.e as enum ('a');
create domain s.d as int;
create view s.v as select a from s.t;
grant all on s.t to app_r;
grant usage on schema s to app_r;
revoke all on function s.f(int, text) from public;

-- becomes

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create schema s;
create table s.t(a int, b int);
create sequence s.q;
create function s.f(int, text) returns int language sql as 'select 1';
create procedure s.p() language sql as 'select 1';
create type s.e as enum ('a');
create domain s.d as int;
create view s.v as select a from s.t;
grant select, references on s.t to app_r;
grant insert (a), update (a, b) on s.t to public;
grant create on schema s to app_r with grant option;
grant usage, select on sequence s.q to app_r;
revoke all on procedure s.p() from public;
grant execute on procedure s.p() to app_r;
revoke usage on type s.e from public;
revoke usage on domain s.d from public;
grant usage on domain s.d to app_r;
grant select (a) on s.v to public;

create schema s;
create table s.pg_class(oid int, "user" text);
create function s.now() returns int language sql as 'select 1';
create type s.text as enum ('a');
create table s.t(a s.text, b pg_catalog.text);

-- becomes

create schema s;
create table s.pg_class(oid bigint, "user" text);
create function s.now() returns bigint language sql as 'select 1::bigint';
create type s.text as enum ('b', 'a');
create table s.t(a s.text, b s.text, c int default s.now());

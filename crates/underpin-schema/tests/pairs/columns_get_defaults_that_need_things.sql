create table t(id int);

-- becomes

create sequence s;
create type e as enum ('a', 'b');
create domain d as int default 9;
create table o(n int);
create function f() returns int language sql begin atomic select max(n) from o; end;
create table t(id int default nextval('s'), a e not null default 'b', b d, c int default f(), g timestamptz default (now() at time zone 'utc'), h uuid not null default gen_random_uuid(), i text[] not null default array['x']);

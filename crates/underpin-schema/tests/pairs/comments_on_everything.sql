create schema s;
create table s.t(a int constraint c check (a > -1), b int);
create index i on s.t(a);
create view s.v as select a from s.t;
create sequence s.q;
create type s.e as enum ('a');
create domain s.d as int constraint p check (value > 0);
create type s.c as (x int);
create function s.f(int) returns int language sql as 'select 1';
comment on schema s is 'old';
comment on table s.t is 'old';
comment on column s.t.a is 'old';
comment on index s.i is 'old';
comment on view s.v is 'old';

-- becomes

create schema s;
create table s.t(a int constraint c check (a > -1), b int);
create index i on s.t(a);
create view s.v as select a from s.t;
create sequence s.q;
create type s.e as enum ('a');
create domain s.d as int constraint p check (value > 0);
create type s.c as (x int);
create function s.f(int) returns int language sql as 'select 1';
create statistics s.st on a, b from s.t;
comment on schema s is 'it''s "new" \ €';
comment on column s.t.b is 'new
line';
comment on constraint c on s.t is 'new';
comment on column s.v.a is 'new';
comment on sequence s.q is 'new';
comment on type s.e is 'new';
comment on domain s.d is 'new';
comment on constraint p on domain s.d is 'new';
comment on type s.c is 'new';
comment on column s.c.x is 'new';
comment on function s.f(int) is 'new';
comment on statistics s.st is 'new';

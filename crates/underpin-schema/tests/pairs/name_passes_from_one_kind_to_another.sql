create table a(x int);
create sequence b;
create view c as select 1 as x;
create type d as enum ('x');
create index e on a(x);
create function g() returns int language sql as 'select 1';

-- becomes

create sequence a;
create view b as select 1 as x;
create type c as (x int);
create domain d as text;
create table e(x int, constraint g check (x > 0));
create table g(y d, z c);

create function f() returns int language sql as 'select 1';
create function g(int) returns int language sql immutable as 'select $1';
create table t(a int default f(), b int generated always as (g(1)) stored, c int check (g(c) > -1), d int);
create index on t(g(d));
create view v as select f() as x;

-- becomes

create table t(a int default 1, b int, c int check (c > -1), d int);
create index on t(d);
create view v as select 1 as x;

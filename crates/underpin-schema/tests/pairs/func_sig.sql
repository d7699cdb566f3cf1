create function f(x int) returns int language sql immutable as 'select x+1';
create table t(a int, b int generated always as (f(a)) stored);

-- becomes

create function f(x int, y int default 1) returns bigint language sql immutable as 'select (x+y)::bigint';
create table t(a int, b bigint generated always as (f(a)) stored);

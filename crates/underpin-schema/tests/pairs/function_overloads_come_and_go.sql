create function f(int) returns int language sql as 'select 1';
create function f(text) returns int language sql as 'select 2';
create function f(int, int) returns int language sql as 'select 3';
create view v as select f(1) as a, f('x'::text) as b;

-- becomes

create function f(int) returns int language sql as 'select 10';
create function f(bigint) returns int language sql as 'select 4';
create function f(int, text) returns text language sql as 'select $2';
create view v as select f(1) as a, f(2::bigint) as b;

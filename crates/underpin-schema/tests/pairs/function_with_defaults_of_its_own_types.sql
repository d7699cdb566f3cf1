create type e as enum ('a', 'b');
create function f(x e default 'a', y e[] default '{a}') returns e language sql as 'select $1';
create view v as select f() as x;

-- becomes

create type e as enum ('b', 'c');
create function f(x e default 'b', y e[] default '{c}') returns e language sql as 'select $1';
create view v as select f() as x;

create type e as enum('a','b');
create function f(x e) returns text language sql as 'select x::text';
create table t(x e not null default 'b', check (x <> 'a'));
create view v as select f(x) from t;
create index i on t(x) where x='b';

-- becomes

create type e as enum('b','c');
create function f(x e) returns text language sql as 'select x::text';
create table t(x e not null default 'b', check (x <> 'c'));
create view v as select f(x) from t;
create index i on t(x) where x='b';

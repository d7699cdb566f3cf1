create type e as enum ('new', 'old');
create table t(id int, x e default 'old', y e[]);
create view v as select * from t where x = 'new';
create function f(e) returns text language sql as 'select $1::text';

-- becomes

create type e as enum ('new', 'older', 'oldest');
create table t(id int, x e default 'oldest', y e[]);
create view v as select * from t where x = 'new';
create function f(e) returns text language sql as 'select $1::text';

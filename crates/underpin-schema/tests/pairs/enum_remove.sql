create type e as enum('a','b','c');
create table t(id int, x e default 'a');
create index on t(x);

-- becomes

create type e as enum('a','c');
create table t(id int, x e default 'a');
create index on t(x);

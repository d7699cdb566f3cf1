create type e as enum('a','b');
create table t(x e[]);

-- becomes

create type e as enum('a','z','b','c');
create table t(x e[] not null default array['z'::e]);

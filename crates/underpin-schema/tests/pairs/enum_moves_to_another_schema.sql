create schema s;
create type e as enum ('a', 'b');
create table t(x e default 'a');

-- becomes

create schema s;
create type s.e as enum ('a', 'b');
create table t(x s.e default 'a');

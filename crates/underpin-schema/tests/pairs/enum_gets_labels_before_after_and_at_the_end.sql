create type e as enum ('b', 'd');
create table t(a e default 'b', b e[] default '{b,d}');

-- becomes

create type e as enum ('a', 'b', 'c', 'd', 'e', 'f');
create table t(a e default 'a', b e[] default '{c,f}', check (a <> 'f'));
create index on t(a) where a = 'c';

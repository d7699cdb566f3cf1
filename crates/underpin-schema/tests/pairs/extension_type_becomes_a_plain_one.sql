create extension citext;
create extension btree_gin;
create table t(id int, a citext unique, b citext[], c int default 0);
create index i on t using gin (id, b);
create function f(citext) returns citext language sql as 'select $1';

-- becomes

create table t(id int, a text unique, b text[], c int default 0);
create index i on t(id, b);
create function f(text) returns text language sql as 'select $1';

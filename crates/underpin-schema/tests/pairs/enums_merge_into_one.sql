create type a as enum ('x', 'y');
create type b as enum ('y', 'z');
create table t(a a default 'x', b b default 'z');
create function f(a, b) returns bool language sql as 'select true';

-- becomes

create type a as enum ('x', 'y', 'z');
create table t(a a default 'x', b a default 'z');
create function f(a, a) returns bool language sql as 'select true';

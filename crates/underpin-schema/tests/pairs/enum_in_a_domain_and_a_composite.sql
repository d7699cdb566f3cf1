create type e as enum ('a', 'b');
create domain d as e check (value <> 'b');
create type c as (e e, d d);
create table t(x d, y c, z int);

-- becomes

create type e as enum ('a', 'c');
create domain d as e check (value <> 'c');
create type c as (e e, d d);
create table t(x d, y c, z int);

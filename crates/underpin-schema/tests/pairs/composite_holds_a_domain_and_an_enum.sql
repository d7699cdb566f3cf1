create type e as enum ('x', 'y');
create domain d as int check (value > 0);
create type c as (e e, d d);
create table t(c c);

-- becomes

create type e as enum ('y', 'z', 'x');
create domain d as bigint check (value > 0);
create type c as (e e, d d, es e[]);
create table t(c c, cs c[]);

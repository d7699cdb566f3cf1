create table t(a text default 'x');

-- becomes

create type e as enum ('x','y');
create table t(a e default 'x');

create function ok(int) returns bool language sql immutable as 'select $1 > -1';
create domain d as int check (ok(value));
create table t(a d);

-- becomes

create function ok(bigint) returns bool language sql immutable as 'select $1 > -2';
create domain d as int check (ok(value));
create table t(a d);

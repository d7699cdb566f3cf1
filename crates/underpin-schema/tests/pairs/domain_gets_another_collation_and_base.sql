create domain d as text collate "C";
create domain e as varchar(10);
create table t(a d, b e, c e[]);
create index on t(a);
create function f(d) returns e language sql as 'select $1::varchar(10)';

-- becomes

create domain d as text collate "POSIX";
create domain e as varchar(20);
create table t(a d, b e, c e[]);
create index on t(a);
create function f(d) returns e language sql as 'select $1::varchar(10)';

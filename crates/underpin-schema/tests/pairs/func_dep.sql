create function f(x int) returns int language sql immutable as 'select x+1';
create table t(a int default f(1), check (f(a)>0));
create index on t(f(a));

-- becomes

create function f(x int) returns int language sql immutable as 'select x+2';
create table t(a int default f(2), check (f(a)>1));
create index on t(f(a));

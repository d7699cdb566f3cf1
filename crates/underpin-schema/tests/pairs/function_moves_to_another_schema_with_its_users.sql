create schema s;
create function f(int) returns int language sql immutable as 'select $1';
create table t(a int check (f(a) > -9), b int default f(3));
create index on t(f(a));
create view v as select f(a) as x from t;

-- becomes

create schema s;
create function s.f(int) returns int language sql immutable as 'select $1';
create table t(a int check (s.f(a) > -9), b int default s.f(3));
create index on t(s.f(a));
create view v as select s.f(a) as x from t;

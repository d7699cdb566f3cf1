create function f(int) returns int language sql as 'select 1';
create function add(int, int) returns int language sql immutable as 'select $1 + $2';
create aggregate total(int) (sfunc = add, stype = int);
create table t(a int);
create view v as select total(a) from t;

-- becomes

create procedure f(int) language sql as 'select 1';
create function add(int, int) returns int language sql immutable as 'select $1 + $2';
create aggregate total(int) (sfunc = add, stype = int, initcond = '0', parallel = safe, combinefunc = add);
create table t(a int);
create view v as select total(a) from t;
comment on aggregate total(int) is 'all of it';

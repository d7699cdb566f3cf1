create table t(a int, b int);
create function f(x t) returns int language sql immutable as 'select x.a';
create function g() returns setof t language sql as 'select * from t';
create view v as select f(t) as n from t;

-- becomes

create table t(a int, b int) partition by list (b);
create function f(x t) returns int language sql immutable as 'select x.a';
create function g() returns setof t language sql as 'select * from t';
create view v as select f(t) as n from t;

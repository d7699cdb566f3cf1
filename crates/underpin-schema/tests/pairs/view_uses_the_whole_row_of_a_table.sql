create table t(a int, b int);
create view v as select t from t;
create function f(t) returns int language sql immutable as 'select $1.a';
create view w as select f(t) from t;

-- becomes

create table t(a int, b int, c text);
create view v as select t from t;
create function f(t) returns int language sql immutable as 'select $1.a + 1';
create view w as select f(t) as g from t;

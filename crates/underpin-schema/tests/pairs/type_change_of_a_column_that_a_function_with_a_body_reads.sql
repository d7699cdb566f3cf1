create table t(a int, b text);
create function f() returns setof int language sql begin atomic select a from t where b = 'x'; end;
create view v as select f() as x;

-- becomes

create table t(a bigint, b varchar(5));
create function f() returns setof bigint language sql begin atomic select a from t where b = 'x'; end;
create view v as select f() as x;

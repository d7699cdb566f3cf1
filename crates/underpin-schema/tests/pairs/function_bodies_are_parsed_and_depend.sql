create table t(a int, b int);
create view v as select a from t;
create function f(x int) returns int language sql begin atomic select count(*)::int from v where a > x; end;
create function g(x int) returns int language sql return f(x) + 1;
create procedure p(x int) language sql begin atomic insert into t values (x, g(x)); delete from t where a = 0; end;

-- becomes

create table t(a int, b int, c int);
create view v as select a, c from t;
create function f(x int) returns int language sql begin atomic select sum(c)::int from v where a > x; end;
create function g(x int) returns int language sql return f(x) + 2;
create procedure p(x int) language sql begin atomic insert into t values (x, g(x), 3); end;

create function f(a int, b int default 5) returns int language sql as 'select a + b';
create function g(a int, out b int, inout c text) language sql as $$select a, c$$;
create table t(x int default f(1));

-- becomes

create function f(x int, y int default 6) returns int language sql as 'select x + y';
create function g(a int, out q int, inout c text) language sql as $$select a, c$$;
create table t(x int default f(1));

create function f(anyelement) returns anyelement language sql as 'select $1';
create function g(variadic anyarray) returns anyelement language sql as 'select $1[1]';
create view v as select f(1), g(1, 2);

-- becomes

create function f(anycompatible, anycompatible default null::int) returns anycompatible language sql as 'select $1';
create function g(variadic text[]) returns text language sql as 'select $1[1]';
create view v as select f(1, 2), g('1', '2');

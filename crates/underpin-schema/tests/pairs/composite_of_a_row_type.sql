create table r(a int, b text);
create table t(x r, y r[]);
create function f(r) returns text language sql as 'select $1.b';

-- becomes

create table r(a int, b text, c date);
create table t(x r, y r[]);
create function f(r) returns text language sql as 'select $1.b';

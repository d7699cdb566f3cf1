create function f(a int, b int default 2) returns int language sql as 'select a+b';
create view v as select f(1) x;

-- becomes

create function f(a int, b int) returns int language sql as 'select a+b';
create view v as select f(1,3) x;

create function f(a int, b int default 5, c int default 6) returns int language sql as 'select a + b + c';
create view v as select f(1, 2, 3);

-- becomes

create function f(a int, b int, c int default 7) returns int language sql as 'select a + b + c';
create view v as select f(1, 2);

-- becomes

create function acc(a int,b int) returns int language sql as 'select a+b';
create aggregate mysum(int) (sfunc=acc, stype=int, initcond='0');
create view v as select mysum(x) from generate_series(1,3) x;

create type pt as (x int, y int, note text);
create table t(id int, p pt, ps pt[]);
create function px(p pt) returns int language sql as 'select (p).x';
create view v as select (p).y from t;

-- becomes

create type pt as (x bigint, y int);
create table t(id int, p pt, ps pt[]);
create function px(p pt) returns bigint language sql as 'select (p).x';
create view v as select (p).y from t;

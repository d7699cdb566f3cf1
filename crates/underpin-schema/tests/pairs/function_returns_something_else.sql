create table t(a int, b text);
create function one() returns t language sql as 'select * from t limit 1';
create function many() returns setof t language sql as 'select * from t';
create function tab() returns table(x int, y text) language sql as 'select a, b from t';
create view v as select * from tab();

-- becomes

create table t(a int, b text, c date);
create function one() returns setof t language sql as 'select * from t limit 1';
create function many() returns table(a int) language sql as 'select a from t';
create function tab() returns table(x int, y text, z date) language sql as 'select a, b, c from t';
create view v as select * from tab();

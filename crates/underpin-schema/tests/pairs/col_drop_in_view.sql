create table t(a int, b int);
create view v as select * from t;
create function f() returns int language sql as 'select b from t';
create policy p on t using (b > 0);
create index i on t(b);

-- becomes

create table t(a int);
create view v as select * from t;
create function f() returns int language sql as 'select a from t';
create policy p on t using (a > 0);

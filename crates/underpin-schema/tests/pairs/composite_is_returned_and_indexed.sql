create type c as (a int, b int);
create table t(x c, id int);
create index on t(((x).a));
create function f() returns setof c language sql as 'select x from t';
create view v as select (x).b from t;

-- becomes

create type c as (a bigint, b int, d text);
create table t(x c, id int);
create index on t(((x).a), ((x).d));
create function f() returns setof c language sql as 'select x from t';
create view v as select (x).b, (x).d from t;

create type e as enum('a','b');
create table t(x e[] default '{a}');
create view v as select x from t;

-- becomes

create type e as enum('b','a','z');
create table t(x e[] default '{a}');
create view v as select x from t;

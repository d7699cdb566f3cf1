create table t(a int, b int);
create view v as select a, b from t;
create view w as select a from v;
create function f() returns int language sql begin atomic select max(a) from v; end;

-- becomes

create table t(a int, b int);
create view v as select b as bee, a as aye from t;
create view w as select aye from v;
create function f() returns int language sql begin atomic select max(aye) from v; end;

create table t(a int);
create view v as select a from t;
create function f() returns table(a int) language sql stable begin atomic select a from v; end;
create view w as select * from f();
create materialized view m as select * from w;
create index on m(a);

-- becomes

create table t(a int, b int);
create view v as select a, b from t;
create function f() returns table(a int, b int) language sql stable begin atomic select a, b from v; end;
create view w as select * from f();
create materialized view m as select * from w;
create index on m(a, b);

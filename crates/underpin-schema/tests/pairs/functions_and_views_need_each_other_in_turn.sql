create table t(a int);
create view v1 as select a from t;
create function f1() returns setof v1 language sql begin atomic select * from v1; end;
create view v2 as select * from f1();
create function f2() returns bigint language sql begin atomic select count(*) from v2; end;
create table u(n bigint default f2());

-- becomes

create table t(a bigint, b int);
create view v1 as select a, b from t;
create function f1() returns setof v1 language sql begin atomic select * from v1; end;
create view v2 as select * from f1();
create function f2() returns bigint language sql begin atomic select count(*) from v2; end;
create table u(n bigint default f2());

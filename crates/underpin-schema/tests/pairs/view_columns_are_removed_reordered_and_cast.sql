create table t(a int, b text, c date);
create view v as select a, b, c from t;
create view w as select * from v;
create view x as select w.a from w;

-- becomes

create table t(a int, b text, c date);
create view v as select c, a::bigint as a from t;
create view w as select * from v;
create view x as select w.a from w;

create table t(id int primary key, a int);
create view v as select id, a+1 as b from t;
create view w as select b from v;

-- becomes

create table t(id bigint primary key, a bigint);
create view v as select id, a+1 as b from t;
create view w as select b from v;

create table t(id int, n int, constraint k primary key (id));
create function up(i int) returns int language sql begin atomic insert into t values (i, 1) on conflict on constraint k do nothing returning n; end;
create view v as select id, n from t group by id;

-- becomes

create table t(id bigint, n int, constraint k primary key (id, n));
create function up(i int) returns int language sql begin atomic insert into t values (i, 1) on conflict on constraint k do nothing returning n; end;
create view v as select id, n from t group by id, n;

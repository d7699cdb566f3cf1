create table t(a int, b text);
create materialized view m as select a, b from t;
alter materialized view m alter b set statistics 40;

-- becomes

create table t(a int, b text);
create materialized view m with (fillfactor = 60) as select a, b from t;
alter materialized view m alter b set storage external, alter a set statistics 50;
create statistics s on a, b from m;

create table t(a int, b int, c text);
create statistics s on a, b from t;
alter statistics s set statistics 300;
create statistics u on (lower(c)) from t;
alter statistics u set statistics 50;

-- becomes

create table t(a bigint, b int, c varchar(20));
create statistics s on a, b from t;
alter statistics s set statistics 300;
create statistics u on (lower(c)) from t;
alter statistics u set statistics 60;

create table t(a int, b int, c int);
create statistics s on a, b from t;
create statistics u (mcv) on a, c from t;

-- becomes

create table t(a int, b bigint, c int);
create statistics s (ndistinct) on a, b, c from t;
create statistics u (mcv) on a, c from t;
alter statistics u set statistics 300;
create statistics w on (a + c) from t;
comment on statistics w is 'sum';

-- The columns of statistics are told in the order of the table: here it differs.
create table t(b int, c int);
create statistics s (dependencies) on b, c from t;

-- becomes

create table t(a int, b int, c int);
create statistics s (dependencies) on a, b, (c + 1) from t;

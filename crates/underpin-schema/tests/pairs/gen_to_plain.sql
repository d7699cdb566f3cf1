create table t(a int, b int generated always as (a+1) stored);

-- becomes

create table t(a int, b int);

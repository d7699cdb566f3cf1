create table t(a int, b int, c int generated always as (a * 2) stored);

-- becomes

create table t(b int, c int generated always as (b * 2) stored);

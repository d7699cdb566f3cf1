create table t(id int, parent int);
create recursive view v(n) as select 1 union all select n + 1 from v where n < 5;
create view w as select id from t union select parent from t except select 3;

-- becomes

create table t(id int, parent int);
create recursive view v(n, m) as select 1, 1 union all select n + 1, m * 2 from v where n < 5;
create view w as (select id from t intersect select parent from t) order by 1 limit 3;

create table t(a int, b text);
create materialized view m as select a, b from t;
create unique index i on m(a);
create index j on m using hash (b);

-- becomes

create table t(a int, b text);
create materialized view m as select a, b from t;
create unique index i on m(a, b);
create index j on m(lower(b)) with (fillfactor = 50);
alter materialized view m cluster on i;

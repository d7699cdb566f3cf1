create table t(a int, b text);
create materialized view m as select a, count(*) c from t group by a;
create unique index on m(a);

-- becomes

create table t(a bigint, b text);
create materialized view m as select a, count(*) c, max(b) mb from t group by a;
create unique index on m(a);
create index on m(mb);

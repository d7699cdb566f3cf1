create table t(id int, at timestamptz, n numeric);
create view v as select id, sum(n) over (partition by id order by at) as s from t;

-- becomes

create table t(id bigint, at timestamptz, n numeric(20,5));
create view v as with recent as (select * from t where at > now() - interval '1 day') select r.id, sum(r.n) over w as s, l.c, row_number() over w as rn from recent r cross join lateral (select count(*) as c from t where t.id = r.id) l window w as (partition by r.id order by r.at);

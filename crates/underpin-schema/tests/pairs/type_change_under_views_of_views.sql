create table t(id int primary key, n int, w text);
create view a as select id, n from t;
create view b as select id, n * 2 as m from a where n > 0;
create materialized view c as select b.id, b.m, a.n from a join b using (id);
create unique index on c(id);
create index on c((m + 1)) where n > 3;
create view d as select max(m) from c;
comment on view b is 'b';
comment on column c.m is 'm of c';
grant select on d to public;

-- becomes

create table t(id bigint primary key, n numeric(12,2), w text);
create view a as select id, n from t;
create view b as select id, n * 2 as m from a where n > 0;
create materialized view c as select b.id, b.m, a.n from a join b using (id);
create unique index on c(id);
create index on c((m + 1)) where n > 3;
create view d as select max(m) from c;
comment on view b is 'b';
comment on column c.m is 'm of c';
grant select on d to public;

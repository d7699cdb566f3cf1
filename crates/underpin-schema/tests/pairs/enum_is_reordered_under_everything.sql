create type e as enum ('a', 'b', 'c');
create table t(id int primary key, x e not null default 'a', y e[] default array['a','b']::e[], check (x in ('a', 'b')));
create index on t(x, id);
create unique index on t(id) where x = 'a';
create view v as select x, count(*) from t where x < 'c' group by x;
create function f(e) returns e language sql as $$select $1$$;
create materialized view m as select f(x) from t;
create policy p on t using (x = 'a');

-- becomes

create type e as enum ('c', 'a', 'b');
create table t(id int primary key, x e not null default 'a', y e[] default array['a','b']::e[], check (x in ('a', 'b')));
create index on t(x, id);
create unique index on t(id) where x = 'a';
create view v as select x, count(*) from t where x < 'c' group by x;
create function f(e) returns e language sql as $$select $1$$;
create materialized view m as select f(x) from t;
create policy p on t using (x = 'a');

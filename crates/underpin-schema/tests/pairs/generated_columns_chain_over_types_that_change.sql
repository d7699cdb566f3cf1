create domain d as numeric(10,2);
create table t(a int, b d, c d generated always as (b * 2) stored, e text generated always as (upper(coalesce(f, ''))) stored, f varchar(9));
create unique index on t(c, a);
create view v as select c, e from t;

-- becomes

create domain d as numeric(12,3);
create table t(a int, b d, c d generated always as (b * 3) stored, e text generated always as (lower(coalesce(f, ''))) stored, f text);
create unique index on t(c, a);
create view v as select c, e from t;

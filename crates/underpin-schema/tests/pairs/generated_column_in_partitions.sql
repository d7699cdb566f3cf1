create table p(a int, b int generated always as (a * 2) stored, c text) partition by list (a);
create table p1 partition of p for values in (1, 2);

-- becomes

create table p(a int, b bigint generated always as (a * 3) stored, c text, d text generated always as (lower(c)) stored) partition by list (a);
create table p1 partition of p for values in (1, 2);
create index on p(d);

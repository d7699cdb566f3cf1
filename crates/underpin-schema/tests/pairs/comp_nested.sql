create type a as (x int);
create type b as (y a);
create table t(z b);

-- becomes

create type a as (x bigint, w text);
create type b as (y a, v a[]);
create table t(z b);

create table a(k int, v text) partition by list (k);
create table b(k int, v text) partition by list (k);
create table one partition of a for values in (1);
create table two partition of a for values in (2);

-- becomes

create table a(k int, v text) partition by list (k);
create table b(k int, v text) partition by list (k);
create table one partition of b for values in (1);
create table two(k int, v text);

create table p(a int, b int, v text) partition by range (a);
create table p1 partition of p for values from (0) to (10) partition by list (b);
create table p11 partition of p1 for values in (0, 1, 2);
create table p2 partition of p for values from (10) to (20);
create index on p(v);

-- becomes

create table p(a bigint, b smallint, v text) partition by range (a);
create table p1 partition of p for values from (0) to (10) partition by list (b);
create table p11 partition of p1 for values in (0, 1, 2);
create table p2 partition of p for values from (10) to (20);
create index on p(v);

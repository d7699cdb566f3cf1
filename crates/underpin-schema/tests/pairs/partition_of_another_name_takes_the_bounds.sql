create table p(a int, b text) partition by range (a);
create table old1 partition of p for values from (0) to (10);
create table old2 partition of p for values from (10) to (20);
create index on p(b);

-- becomes

create table p(a int, b text) partition by range (a);
create table new1 partition of p for values from (0) to (20);
create table new2 partition of p for values from (20) to (30);
create index on p(b);

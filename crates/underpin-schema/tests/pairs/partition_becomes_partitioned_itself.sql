create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);

-- becomes

create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1) partition by range (b);
create table p1x partition of p1 for values from (0) to (100);
create table p2 partition of p for values in (2);

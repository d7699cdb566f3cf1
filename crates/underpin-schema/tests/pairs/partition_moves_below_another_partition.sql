create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1) partition by list (b);
create table leaf partition of p for values in (2);

-- becomes

create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1, 2) partition by list (b);
create table leaf partition of p1 for values in (0, 1, 2);

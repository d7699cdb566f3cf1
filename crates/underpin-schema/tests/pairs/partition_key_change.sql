create table p(a int, b int) partition by range(a);
create table p1 partition of p for values from (0) to (10);

-- becomes

create table p(a int, b int) partition by list(b);
create table p1 partition of p for values in (1,2);
create table pd partition of p default;

create table p(k int, v text) partition by range (k);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create table pd partition of p default;

-- becomes

create table p(k int, v text) partition by range (k);
create table p1 partition of p for values from (minvalue) to (15);
create table p2 partition of p for values from (15) to (maxvalue);

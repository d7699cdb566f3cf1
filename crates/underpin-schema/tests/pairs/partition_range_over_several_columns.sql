create table p(a int, b date, c text) partition by range (a, b);
create table p1 partition of p for values from (0, minvalue) to (10, maxvalue);
create table p2 partition of p for values from (11, '2020-01-01') to (20, '2021-01-01');

-- becomes

create table p(a int, b date, c text) partition by range (a, b);
create table p1 partition of p for values from (0, minvalue) to (11, '2020-01-01');
create table p2 partition of p for values from (11, '2020-01-01') to (20, '2021-06-01');
create table p3 partition of p for values from (20, '2021-06-01') to (maxvalue, maxvalue);

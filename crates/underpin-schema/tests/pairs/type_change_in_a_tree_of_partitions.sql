create table p(id int, k int, v text) partition by range (k);
create table p1 partition of p for values from (0) to (100) partition by list (v);
create table p1a partition of p1 for values in ('a', 'b', '1', '2');
create table p1d partition of p1 default;
create index on p(id, v);
create view w as select id from p1;

-- becomes

create table p(id bigint, k int, v text) partition by range (k);
create table p1 partition of p for values from (0) to (100) partition by list (v);
create table p1a partition of p1 for values in ('a', 'b', '1', '2');
create table p1d partition of p1 default;
create index on p(id, v);
create view w as select id from p1;

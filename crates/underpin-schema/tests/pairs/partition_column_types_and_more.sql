-- A column changes its type in a tree of partitions, and more than that in one of them.
create table p(a int not null, b text) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create view v as select b from p1;

-- becomes

create table p(a int not null, b varchar(40)) partition by range(a);
create table p1 partition of p for values from (0) to (10);
alter table p1 alter b set statistics 50;
comment on column p1.b is 'another';
create view v as select b from p1;

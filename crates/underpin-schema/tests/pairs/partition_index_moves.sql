-- Partitions that come, go and change with their indexes.
create table p(a int not null, t text) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index w on p(t);
create table q(a int not null, t text) partition by range(a);
create table q1 partition of q for values from (0) to (10);
create index q_t on only q(t);
create index q1_t on q1(t);
create table late(a int not null default 150, t text);
create index late_own on late(t);
create index late_part on late(t desc);

-- becomes

create table p(a int not null, t text) partition by range(a);
create table p1 partition of p for values from (0) to (15);
create table p2(a int not null, t text);
create index p2_t_idx on p2(t);
create table p3 partition of p for values from (20) to (30);
create index w on p(t);
create unique index u on p(a, t);
create table q(a int not null, t text) partition by range(a);
create table q1 partition of q for values from (0) to (10);
create index q_t on only q(t);
create index q1_t on q1(t);
alter index q_t attach partition q1_t;
create table late(a int not null default 150, t text);
create index late_part on late(t desc);
alter table q attach partition late for values from (100) to (200);
create index late_own on late(t);

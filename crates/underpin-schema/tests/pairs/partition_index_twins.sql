-- Indexes that PostgreSQL takes for one another: the parts change their wholes.
create table p(a int not null, t text) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index w on p(t);
create table q(a int not null, t text) partition by range(a);
create table q1 partition of q for values from (0) to (10);
create index q_up on q(t);
create index q_down on q(t desc);

-- becomes

create table p(a int not null, t text) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index p1_t_idx on p1(t);
create index p2_t_idx on p2(t);
create index v on p(t);
create index w on p(t);
create table q(a int not null, t text) partition by range(a);
create table q1 partition of q for values from (0) to (10);
create table q2 partition of q for values from (10) to (20);
create index q_up on q(t);
create index q_down on q(t desc);
create table r(a int not null, t text) partition by range(a);
create table r1 partition of r for values from (0) to (10);
create index r1_own on r1(t desc);
create index r_t on only r(t);
create index r1_part on r1(t);
alter index r_t attach partition r1_part;

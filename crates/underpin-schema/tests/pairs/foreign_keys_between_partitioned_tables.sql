create table r(id int, k int, primary key (id, k)) partition by list (k);
create table r1 partition of r for values in (1);
create table t(id int, k int, foreign key (id, k) references r) partition by list (k);
create table t1 partition of t for values in (1);

-- becomes

create table r(id int, k int, primary key (id, k)) partition by list (k);
create table r1 partition of r for values in (1);
create table r2 partition of r for values in (2);
create table t(id int, k int, constraint f foreign key (id, k) references r on delete cascade) partition by list (k);
create table t1 partition of t for values in (1);
create table t2 partition of t default;

create table t(a int not null, b int not null, c int primary key);
create unique index i on t(a);
create unique index j on t(b);
alter table t cluster on i;
alter table t replica identity using index i;

-- becomes

create table t(a int not null, b int not null, c int primary key);
create unique index i on t(a) include (b);
create unique index j on t(b);
alter table t cluster on t_pkey;
alter table t replica identity using index j;

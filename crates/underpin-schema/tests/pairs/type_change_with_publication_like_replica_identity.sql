create table t(a int not null, b int, primary key (a));
create unique index u on t(a) include (b);
alter table t replica identity using index u;
create index c on t(b);
alter table t cluster on c;

-- becomes

create table t(a bigint not null, b bigint, primary key (a));
create unique index u on t(a) include (b);
alter table t replica identity using index u;
create index c on t(b);
alter table t cluster on c;

create table t(a int);
create index ti on t(a);

-- becomes

create table t(a int, b int);
create index ti on t(a) include (b);
alter table t cluster on ti;

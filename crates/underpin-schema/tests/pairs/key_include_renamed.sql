-- What an index carries is named as the table names it now.
create table t(a int, c int, other int);

-- becomes

create table t(a int, c int, other int, constraint t_key unique (a) include (c));
alter table t rename column c to carried;

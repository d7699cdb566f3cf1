create table t(a int);
create unique index t_a on t(a);

-- becomes

create table t(a int, constraint t_a unique(a));

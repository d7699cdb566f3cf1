create table r(id int, k int);
create unique index r_id on r(id);
create table t(a int references r(id));

-- becomes

create table r(id int primary key, k int);
create table t(a int references r(id));
create unique index t_a on t(a);

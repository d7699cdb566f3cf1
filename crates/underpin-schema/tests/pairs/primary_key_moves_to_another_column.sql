create table t(a int primary key, b int not null);
create table u(t int references t);

-- becomes

create table t(a int not null, b int constraint t_b_pk primary key);
create table u(t int references t);

create table p(id int, up int, primary key (id)) partition by range (id);
create table p1 partition of p for values from (0) to (1000);
create table t(id int primary key, up int constraint parent references t, p int references p1);

-- becomes

create table p(id int, up int references p, primary key (id)) partition by range (id);
create table p1 partition of p for values from (0) to (1000);
create table t(id bigint primary key, up bigint constraint parent references t on delete set null, p int references p);

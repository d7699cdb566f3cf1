create table p(id int primary key, v text, w int) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create index i on p(v);

-- becomes

create table p(id int not null, v text, w int) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create index i1 on p1(v);

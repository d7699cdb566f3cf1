create table p(id int, k int, v text) partition by list (k);
create table p1 partition of p for values in (1) partition by range (id);
create table p11 partition of p1 for values from (0) to (1000);
create table p2 partition of p for values in (2);

-- becomes

create table o(id int primary key);
create table p(id int not null, k int references o, v text, unique (id, k), check (id > -1)) partition by list (k);
create table p1 partition of p for values in (1) partition by range (id);
create table p11 partition of p1 for values from (0) to (1000);
create table p2 partition of p for values in (2);
create index on p(v) where v <> '';
create index on p using hash (v);

create table p(id int, d date) partition by range(d);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create index pi on p(id);

-- becomes

create table p(id int, d date, x text default 'q' not null) partition by range(d);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table p2 partition of p for values from ('2021-01-01') to ('2022-01-01');
create index pi on p(id,d);

create table p(a int not null) partition by range(a);
create table c(a int not null, check (a >= 0 and a < 10));
create index ci on c(a);

-- becomes

create table p(a int not null) partition by range(a);
create index pi on p(a);
create table c partition of p (check (a >= 0 and a < 10)) for values from (0) to (10);

create table p(a int, b int) partition by range(a);
create table p1 partition of p for values from (0) to (10) partition by list(b);
create table p11 partition of p1 for values in (1);

-- becomes

create table p(a int not null, b int, c text, primary key(a,b)) partition by range(a);
create table p1 partition of p for values from (0) to (20) partition by list(b);
create table p11 partition of p1 for values in (1,3);
create table p12 partition of p1 default;
create index on p(c);

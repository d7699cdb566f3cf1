create table p(a int, b int, c int) partition by list (a);
create table p1 partition of p for values in (1) partition by list (b);
create table p11 partition of p1 for values in (1) partition by list (c);
create table p111 partition of p11 for values in (1);
create unique index u on p(a, b, c);

-- becomes

create table p(a int, b int, c int, d text not null default '') partition by list (a);
create table p1 partition of p for values in (1) partition by list (b);
create table p11 partition of p1 for values in (1, 2) partition by list (c);
create table p111 partition of p11 for values in (1, 2);
create table p112 partition of p11 default;
create unique index u on p(a, b, c);
create index on p11(d);
alter table p add constraint k check (a > 0);

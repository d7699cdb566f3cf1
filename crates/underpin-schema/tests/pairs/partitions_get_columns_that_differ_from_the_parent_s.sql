create table p(a int) partition by range (a);
create table p1 partition of p for values from (0) to (100);
create table p2 partition of p for values from (100) to (200);

-- becomes

create table p(a int, d int default 4, e text default 'e', f int) partition by range (a);
create table p1 partition of p for values from (0) to (100);
create table p2 partition of p for values from (100) to (200);
alter table p1 alter d set default 5, alter e drop default, alter f set default 9;
alter table p2 alter f set not null, alter e set storage external;
comment on column p2.d is 'four';

create table p(a int, b text, c date) partition by range (a);
create table p1(c date, b text, a int);
alter table p attach partition p1 for values from (0) to (100);

-- becomes

create table p(a int, b text, c timestamp, d int default 4) partition by range (a);
create table p1(d int default 5, c timestamp, b text, a int);
alter table p attach partition p1 for values from (0) to (100);
create index on p(b, d);

create table a(x int, y varchar(5), check (x > -5));
create table b(z int) inherits (a);
create table c() inherits (b);
create index on b(x);
create view v as select x, y from a;
create view w as select x, z from c;

-- becomes

create table a(x bigint, y text, check (x > -5));
create table b(z numeric) inherits (a);
create table c() inherits (b);
create index on b(x);
create view v as select x, y from a;
create view w as select x, z from c;

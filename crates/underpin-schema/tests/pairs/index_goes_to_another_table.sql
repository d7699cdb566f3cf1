-- A name belongs to the schema: the same index, and a key of the same name, of another table.
create table a(x int, y int);
create table b(x int, y int);
create index i on a(x);
alter table a add constraint k primary key (y);
create view v as select x from a;

-- becomes

create table a(x int, y int not null);
create table b(x int, y int);
create index i on b(x);
create table c(y int, constraint k primary key (y));
create view v as select y as x from c;

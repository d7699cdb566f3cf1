create table a(id int primary key, x text);
create table b(id int primary key, y date);
create table c(a int references a, b int references b);
create view v as select a.x, b.y from a, b;

-- becomes

create table b(id int primary key, x text);
create table a(id int primary key, y date);
create table c(a int references b, b int references a);
create view v as select b.x, a.y from a, b;

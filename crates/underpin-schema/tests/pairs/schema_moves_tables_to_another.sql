create schema a;
create schema b;
create table a.t(id serial primary key, x text);
create table a.u(t int references a.t);
create view a.v as select * from a.t;

-- becomes

create schema a;
create schema b;
create table b.t(id serial primary key, x text);
create table a.u(t int references b.t);
create view a.v as select * from b.t;

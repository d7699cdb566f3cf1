create schema a;
create table a.t(id int primary key);
create table public.t(id int references a.t);
create view a.v as select * from public.t;
create view public.v as select * from a.t;

-- becomes

create schema b;
create table b.t(id int primary key);
create table public.t(id int references b.t);
create view b.v as select * from public.t;
create view public.v as select * from b.t;

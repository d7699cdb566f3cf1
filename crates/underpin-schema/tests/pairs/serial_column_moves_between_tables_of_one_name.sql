create schema a;
create schema b;
create table a.t(id serial primary key, v text);
create table b.t(id int primary key);

-- becomes

create schema a;
create schema b;
create table a.t(id int primary key, v text);
create table b.t(id serial primary key, a int references a.t);

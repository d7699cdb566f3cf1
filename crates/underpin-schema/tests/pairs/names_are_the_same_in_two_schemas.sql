create schema a;
create schema b;
create type a.e as enum ('x');
create type b.e as enum ('x', 'y');
create table a.t(id int primary key, e a.e);
create table b.t(id int primary key, e b.e, o int references a.t);
create function a.f(a.e) returns int language sql as 'select 1';
create function b.f(b.e) returns int language sql as 'select 2';
create view a.v as select t.id, u.e from a.t join b.t u using (id);

-- becomes

create schema a;
create schema b;
create type a.e as enum ('z', 'x');
create type b.e as enum ('y');
create table a.t(id bigint primary key, e b.e);
create table b.t(id int primary key, e a.e, o bigint references a.t);
create function a.f(b.e) returns int language sql as 'select 1';
create function b.f(a.e) returns int language sql as 'select 2';
create view a.v as select t.id, u.e from a.t join b.t u using (id);

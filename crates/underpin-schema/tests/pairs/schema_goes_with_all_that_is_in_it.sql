create schema old;
create type old.e as enum ('a');
create domain old.d as int;
create table old.r(id serial primary key, e old.e);
create table old.t(r int references old.r, d old.d);
create view old.v as select * from old.t;
create function old.f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before insert on old.t for each row execute function old.f();
create table keeps(id int primary key, r int references old.r, e old.e);
create view uses as select r from old.v;

-- becomes

create table keeps(id int primary key, r int, e text);

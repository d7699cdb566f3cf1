create table t(a int, constraint c check (a > -1));
create view v as select 1 as x;
create function f() returns int language sql as 'select 1';
create policy p on t using (true);
create extension citext;
comment on table t is 'x';
comment on column t.a is 'x';
comment on constraint c on t is 'x';
comment on column v.x is 'x';
comment on function f() is 'x';
comment on policy p on t is 'x';
comment on extension citext is 'x';

-- becomes

create table t(a int, constraint c check (a > -1));
create view v as select 1 as x;
create function f() returns int language sql as 'select 1';
create policy p on t using (true);
create extension citext;

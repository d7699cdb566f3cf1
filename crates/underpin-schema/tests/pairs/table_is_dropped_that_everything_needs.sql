create table r(id int primary key, n int);
create table t(id int primary key, r int references r, rs r[]);
create view v as select r.n from r join t on t.r = r.id;
create materialized view m as select * from v;
create function f(r) returns int language sql as 'select $1.n';
create function g() returns setof r language sql begin atomic select * from r; end;
create policy p on t using (exists (select 1 from r where r.id = t.r));
create rule u as on insert to t do also insert into r values (new.id);
create sequence s owned by r.n;

-- becomes

create table t(id int primary key, r int);

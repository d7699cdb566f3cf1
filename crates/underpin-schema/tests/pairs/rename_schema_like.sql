create schema s;
create table s.t(a int primary key);
create view s.v as select * from s.t;

-- becomes

create schema r;
create table r.t(a int primary key);
create view r.v as select * from r.t;

create unlogged table r(id int primary key);
create unlogged table t(r int references r);
create table u(a int);
create index on u(a);

-- becomes

create table r(id int primary key);
create table t(r int references r);
create unlogged table u(a int);
create index on u(a);

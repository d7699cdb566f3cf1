create table t(a int primary key);
create table u(a int references t);

-- becomes

create unlogged table t(a int primary key);
create unlogged table u(a int references t);

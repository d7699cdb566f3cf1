create table t(a int primary key, b int not null unique);
create table u(a int references t(a), b int references t(b));

-- becomes

create table t(a int not null unique, b int primary key);
create table u(a int references t(a), b int references t(b));

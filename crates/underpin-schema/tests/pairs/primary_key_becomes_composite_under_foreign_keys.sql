create table t(a int primary key, b int not null default 1);
create table u(t int references t);

-- becomes

create table t(a int unique, b int not null default 1, primary key (a, b));
create table u(t int references t(a), tb int, foreign key (t, tb) references t);

create table t(a int primary key, b int not null);
create table u(x int references t(a));

-- becomes

create table t(a int not null, b int not null, primary key(a,b));
create table u(x int, y int, foreign key (x,y) references t(a,b));

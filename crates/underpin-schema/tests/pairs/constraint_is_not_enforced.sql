-- since 18
create table r(a int primary key);
create table t(x int, constraint c check (x < 1000) not enforced, constraint f foreign key (x) references r not enforced, constraint d check (x < 2000));

-- becomes

create table r(a int primary key);
create table t(x int, constraint c check (x < 1000), constraint f foreign key (x) references r not valid, constraint d check (x < 2000) not enforced, constraint g foreign key (x) references r not enforced);

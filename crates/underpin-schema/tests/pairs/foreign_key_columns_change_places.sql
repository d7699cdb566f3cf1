create table r(a int, b int, primary key (a, b), unique (b, a));
create table t(x int, y int, constraint f foreign key (x, y) references r(a, b));

-- becomes

create table r(a int, b int, primary key (b, a));
create table t(x int, y int, constraint f foreign key (y, x) references r(b, a) on update cascade);

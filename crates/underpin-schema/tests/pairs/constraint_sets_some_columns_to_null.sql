-- since 15
create table r(a int, b int, primary key (a, b));
create table t(x int, y int, z int, constraint f foreign key (x, y) references r on delete set null);

-- becomes

create table r(a int, b int, primary key (a, b));
create table t(x int, y int default 3, z int, constraint f foreign key (x, y) references r on delete set null (y), constraint g foreign key (x, y) references r match full on delete set default (y) on update cascade);

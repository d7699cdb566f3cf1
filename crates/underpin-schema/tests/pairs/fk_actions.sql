create table r(id int primary key, k int unique);
create table t(a int references r(id), b int references r(k) on delete cascade);

-- becomes

create table r(id int primary key, k int unique);
create table t(a int references r(id) on delete set null on update cascade deferrable, b int, foreign key (b) references r(id) match full not valid);

-- since 18
create extension btree_gist;
create table r(id int, valid daterange, primary key (id, valid without overlaps));
create table t(id int, r int, valid daterange, unique (id, valid without overlaps));

-- becomes

create extension btree_gist;
create table r(id int, valid daterange, primary key (id, valid without overlaps));
create table t(id int, r int, valid daterange, primary key (id, valid without overlaps), foreign key (r, period valid) references r (id, period valid));

create table r(id int primary key, k int unique, m int);
create table s(id int primary key);
create table t(a int constraint f references r, b int constraint g references r(k) on update set default);

-- becomes

create table r(id int primary key, k int, m int);
create unique index r_m on r(m);
create table s(id int primary key);
create table t(a int constraint f references s on delete restrict, b int constraint g references r(m) on update set default);

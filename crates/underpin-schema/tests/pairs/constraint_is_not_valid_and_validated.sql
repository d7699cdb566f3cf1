create table r(id int primary key);
create table t(a int, b int);
alter table t add constraint c check (a < 1000) not valid, add constraint d check (b < 1000);
alter table t add constraint f foreign key (a) references r not valid;

-- becomes

create table r(id int primary key);
create table t(a int, b int);
alter table t add constraint c check (a < 1000), add constraint d check (b < 1000) not valid;
alter table t add constraint f foreign key (b) references r not valid;

create table a(id int primary key, b int);
create table b(id int primary key, c int);
create table c(id int primary key, a int);
alter table a add foreign key (b) references b;
alter table b add foreign key (c) references c;
alter table c add foreign key (a) references a deferrable;

-- becomes

create table a(id bigint primary key, c bigint);
create table b(id bigint primary key, a bigint);
create table c(id bigint primary key, b bigint);
alter table a add foreign key (c) references c on delete cascade;
alter table b add foreign key (a) references a;
alter table c add foreign key (b) references b deferrable initially deferred;

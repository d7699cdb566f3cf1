create sequence s;
create table a(x bigint default nextval('s'));
create table b(x bigint default nextval('s'));
create view v as select last_value from s;

-- becomes

create sequence s as int maxvalue 1000000;
create table a(x bigint default nextval('s') * 2);
create table b(x int default nextval('s'));
create table c(x bigint default currval('s'));
create view v as select last_value from s;

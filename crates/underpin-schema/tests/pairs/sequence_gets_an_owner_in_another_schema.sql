create schema a;
create schema b;
create sequence a.s;
create table a.t(id int default nextval('a.s'));

-- becomes

create schema a;
create schema b;
create sequence b.s as smallint increment -1 minvalue -100 maxvalue -1 start -1 cache 3;
create table b.t(id int default nextval('b.s'));
alter sequence b.s owned by b.t.id;

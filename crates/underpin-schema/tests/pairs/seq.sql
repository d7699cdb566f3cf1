create sequence s start 5 increment 2;
create table t(a int default nextval('s'));

-- becomes

create sequence s as int start 10 increment 3 cycle maxvalue 1000;
create table t(a int default nextval('s'));
alter sequence s owned by t.a;

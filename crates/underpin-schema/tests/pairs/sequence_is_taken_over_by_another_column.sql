create table t(a int, b int);
create sequence s owned by t.a;
alter table t alter a set default nextval('s');

-- becomes

create table t(a int, b int);
create sequence s owned by t.b;
alter table t alter b set default nextval('s');

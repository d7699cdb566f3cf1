create sequence q;
create table a(x int default nextval('q'));
create table b(x int default nextval('q'));

-- becomes

create sequence q as smallint;
create table a(x smallint default nextval('q'));
create table b(x int);

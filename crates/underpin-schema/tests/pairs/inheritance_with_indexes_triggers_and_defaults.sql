create table a(x int default 1, y text);
create table b(z int) inherits (a);
create index on b(x);

-- becomes

create table a(x bigint default 2, y text not null default 'y', w int default 3);
create table b(z int) inherits (a);
alter table b alter x set default 7, alter w set default 8;
create index on b(x, w);
create index on a(y);

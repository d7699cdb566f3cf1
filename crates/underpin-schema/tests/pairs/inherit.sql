create table a(x int);
create table b(y int) inherits (a);

-- becomes

create table a(x int, z text);
create table b(y int, w int) inherits (a);
create table c() inherits (a);

-- since 18
create table a(x int constraint given not null, y int not null, z int);
create table b() inherits (a);

-- becomes

create table a(x int not null, y int constraint named not null, z int constraint alone not null no inherit);
create table b() inherits (a);

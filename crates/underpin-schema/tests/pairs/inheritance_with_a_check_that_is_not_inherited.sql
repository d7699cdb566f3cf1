create table a(x int, constraint p check (x > -1) no inherit);
create table b() inherits (a);

-- becomes

create table a(x int, constraint p check (x > -1), constraint q check (x < 100000) no inherit);
create table b(constraint q check (x < 50000)) inherits (a);

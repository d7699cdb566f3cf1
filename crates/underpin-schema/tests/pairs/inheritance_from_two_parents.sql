create table a(x int, s text);
create table b(y int, s text);
create table c(z int) inherits (a, b);

-- becomes

create table a(x bigint, s text not null);
create table b(y int, s text not null, check (y > 0 or y is null));
create table c(z int) inherits (a, b);

create table a(x int not null, y text constraint a_y_check check (y <> 'no'));
create table b(x int not null, y text check (y <> 'no'), z int);
create table c(x int not null, y text constraint a_y_check check (y <> 'no')) inherits (a);

-- becomes

create table a(x int not null, y text constraint a_y_check check (y <> 'no'));
create table b(x int not null, y text constraint a_y_check check (y <> 'no'), z int) inherits (a);
create table c(x int not null, y text constraint a_y_check check (y <> 'no'));

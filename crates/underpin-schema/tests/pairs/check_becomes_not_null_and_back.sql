create table t(a int check (a is not null or true), b int not null, c int);

-- becomes

create table t(a int not null, b int check (b > -1), c int constraint present check (c is not null));

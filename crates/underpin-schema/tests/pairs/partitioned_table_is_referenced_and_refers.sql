create table p(a int, b int, primary key (a)) partition by range (a);
create table p1 partition of p for values from (0) to (100);
create table t(x int references p);

-- becomes

create table o(id int primary key);
create table p(a int, b int references o on delete set null, primary key (a)) partition by range (a);
create table p1 partition of p for values from (0) to (100);
create table p2 partition of p for values from (100) to (200);
create table t(x int references p on delete cascade);

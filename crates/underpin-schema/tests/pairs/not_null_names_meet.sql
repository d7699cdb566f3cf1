-- since 18
-- The NOT NULL of a column that goes has the name of that of a column that comes, and one is not inherited.
create table t(a int, c int not null);
create table p(a int, b int);

-- becomes

create table t(a int, b int constraint t_c_not_null not null);
create table p(a int, b int not null no inherit);

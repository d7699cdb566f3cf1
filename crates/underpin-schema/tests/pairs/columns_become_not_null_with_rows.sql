create table t(a int, b text, c date);
create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1, 2);

-- becomes

create table t(a int not null, b text not null default 'x', c date, d int not null default 4, primary key (a));
create table p(a int not null, b int not null) partition by list (a);
create table p1 partition of p for values in (1, 2);

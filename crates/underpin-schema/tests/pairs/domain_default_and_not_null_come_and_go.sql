create domain d as text default 'x' not null;
create domain e as int;
create table t(a d, b e);
create view v as select a::d as x from t;

-- becomes

create domain d as text;
create domain e as int default 3 not null;
create table t(a d, b e default 4);
create view v as select a::d as x from t;

create domain d as int check (value > -100);
create table t(a d[], b int);
create function f(d[]) returns setof d language sql as 'select unnest($1)';
create view v as select f(a) as x from t;

-- becomes

create domain d as bigint check (value > -100);
create table t(a d[], b d);
create function f(d[]) returns setof d language sql as 'select unnest($1)';
create view v as select f(a) as x from t;

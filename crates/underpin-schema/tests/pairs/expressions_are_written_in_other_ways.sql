create table t(a int default 1 + 1, b text check (b in ('x', 'y')), c varchar(9) check (c in ('p', 'q')), d date default '2020-01-01', e int check (e between 1 and 40000));
create view v as select * from t where b in ('x', 'y') and c like 'p%';

-- becomes

create table t(a int default (1 + 1), b text check (b = any (array['x', 'y'])), c varchar(9) check (c = 'p' or c = 'q'), d date default '2020-01-01'::date, e int check (e >= 1 and e <= 40000));
create view v as select t.a, t.b, t.c, t.d, t.e from t where b = any (array['x', 'y']) and c ~~ 'p%';

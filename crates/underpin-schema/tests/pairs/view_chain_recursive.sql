create table t(id int, parent int);
create recursive view v(id,depth) as select id,0 from t where parent is null union all select t.id, v.depth+1 from t join v on t.parent=v.id;
create view w as select max(depth) m from v;
create view x as select m from w;

-- becomes

create table t(id bigint, parent bigint);
create recursive view v(id,depth) as select id,0 from t where parent is null union all select t.id, v.depth+1 from t join v on t.parent=v.id;
create view w as select max(depth) m, min(depth) n from v;
create view x as select m,n from w;

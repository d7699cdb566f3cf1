create table t(id int primary key, name text);
create table u(t int, n int);
create view v as select t.id, t.name, sum(u.n) from t join u on u.t = t.id group by t.id;

-- becomes

create table t(id int, name text, primary key (id, name));
create table u(t int, n int);
create view v as select t.id, t.name, sum(u.n) from t join u on u.t = t.id group by t.id, t.name;

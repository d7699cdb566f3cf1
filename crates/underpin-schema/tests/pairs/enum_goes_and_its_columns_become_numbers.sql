create type e as enum ('1', '2');
create table t(x e not null default '1', y e[]);
create view v as select x from t;

-- becomes

create table t(x int not null default 1, y text[]);
create view v as select x from t;

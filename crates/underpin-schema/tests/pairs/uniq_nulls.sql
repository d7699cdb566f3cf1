-- since 15
create table t(a int, b int, unique(a,b));
create unique index u on t(b);

-- becomes

create table t(a int, b int, unique nulls not distinct (a,b), unique(b) deferrable initially deferred);
create unique index u on t(b) where a is null;

create table t(a int, b int, constraint k unique (a));
create unique index i on t(b);

-- becomes

create table t(a int, b int, constraint i unique (b));
create unique index k on t(a);

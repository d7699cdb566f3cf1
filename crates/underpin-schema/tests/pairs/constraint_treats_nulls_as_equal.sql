-- since 15
create table t(a int, b int, constraint u unique nulls not distinct (a), constraint w unique (b));
create unique index i on t(a, b) nulls not distinct;

-- becomes

create table t(a int, b int, constraint u unique (a), constraint w unique nulls not distinct (b));
create unique index i on t(a, b);

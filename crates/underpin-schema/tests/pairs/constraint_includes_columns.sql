create table t(a int, b int, c text, primary key (a), constraint u unique (b) include (c));

-- becomes

create table t(a int, b int, c text, primary key (a) include (c), constraint u unique (b) include (a, c) with (fillfactor = 60));

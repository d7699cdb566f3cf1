create table t(a int, b int, constraint one check (a < 1000), constraint two check (b < 1000), constraint k unique (a), constraint l unique (b));

-- becomes

create table t(a int, b int, constraint two check (a < 1000), constraint one check (b < 1000), constraint l unique (a), constraint k unique (b));

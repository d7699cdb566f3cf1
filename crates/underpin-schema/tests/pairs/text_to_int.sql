create table t(a text);

-- becomes

create table t(a int);

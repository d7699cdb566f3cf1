create table t(a int, constraint c check (a>0), constraint d check (a<100) not valid);

-- becomes

create table t(a int, constraint c check (a>=0), constraint d check (a<100), constraint e check (a <> 5) no inherit);

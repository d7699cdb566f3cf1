create table t(a int);

-- becomes

create type fr as range (subtype=float8, subtype_diff=float8mi);
create table t(a int, r fr, exclude using gist(r with &&));

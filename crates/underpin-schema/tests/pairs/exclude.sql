create table t(r int4range);

-- becomes

create table t(r int4range, exclude using gist (r with &&));

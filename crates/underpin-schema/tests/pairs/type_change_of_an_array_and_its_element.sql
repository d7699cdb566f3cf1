create table t(a int[], b text[], c varchar(5)[]);
create index on t using gin (a);

-- becomes

create table t(a bigint[], b varchar(7)[], c text[]);
create index on t using gin (a);

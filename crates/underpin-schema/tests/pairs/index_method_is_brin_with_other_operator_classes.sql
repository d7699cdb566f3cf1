create table t(a int, b timestamptz, c uuid);
create index i on t using brin (a);
create index j on t using hash (c);

-- becomes

create table t(a int, b timestamptz, c uuid);
create index i on t using brin (a int4_minmax_multi_ops, b);
create index j on t using brin (c uuid_bloom_ops);

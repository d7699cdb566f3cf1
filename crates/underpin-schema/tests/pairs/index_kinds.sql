create table t(a int, b text, c int[], d tsvector, e point);
create index i1 on t(a);
create index i2 on t using hash(b);
create index i3 on t using gin(c);

-- becomes

create table t(a int, b text, c int[], d tsvector, e point);
create index i1 on t(a desc nulls last) include (b) with (fillfactor=70);
create index i2 on t(lower(b) text_pattern_ops);
create index i3 on t using gin(c) with (fastupdate=off);
create index i4 on t using gist(e);
create index i5 on t using brin(a) with (pages_per_range=16);
create index i6 on t using spgist(e);
create index i7 on t using gin(d);

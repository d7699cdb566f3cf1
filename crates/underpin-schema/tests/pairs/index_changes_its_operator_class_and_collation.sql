create table t(a text, b text, c jsonb, d inet, e int4range);
create index i on t(a);
create index j on t(b collate "C" desc);
create index k on t using gin (c);
create index l on t using gist (e);

-- becomes

create table t(a text, b text, c jsonb, d inet, e int4range);
create index i on t(a text_pattern_ops);
create index j on t(b collate "POSIX" asc nulls first);
create index k on t using gin (c jsonb_path_ops);
create index l on t using spgist (e);
create index m on t using gist (d inet_ops) with (buffering = on);

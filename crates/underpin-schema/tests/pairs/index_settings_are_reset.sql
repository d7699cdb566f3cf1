create table t(a int, b int[], c tsvector);
create index i on t(a) with (fillfactor = 50, deduplicate_items = off);
create index j on t using gin (b) with (gin_pending_list_limit = 128);
create index k on t using brin (a) with (autosummarize = on, pages_per_range = 8);

-- becomes

create table t(a int, b int[], c tsvector);
create index i on t(a) with (deduplicate_items = off);
create index j on t using gin (b);
create index k on t using brin (a) with (pages_per_range = 32);

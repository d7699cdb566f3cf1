create table t(a text, b text compression pglz, c numeric, d int[]) with (autovacuum_enabled = off, toast.autovacuum_enabled = off, fillfactor = 70);
alter table t alter a set storage main, alter c set statistics 10, alter d set (n_distinct = 5);

-- becomes

create table t(a text, b text, c numeric, d int[]) with (autovacuum_vacuum_scale_factor = 0.1, parallel_workers = 4, toast_tuple_target = 512, toast.autovacuum_vacuum_threshold = 100);
alter table t alter b set storage external, alter c set storage plain, alter d set statistics 0, alter a set (n_distinct_inherited = -0.5, n_distinct = 7);

create table t(room int4range, span int4range, q point, constraint e exclude using gist (room with =, span with &&));

-- becomes

create table t(room int4range, span int4range, q point, constraint e exclude using gist (room with =, span with &&) where (room > 'empty') deferrable, constraint n exclude using gist (span with -|-) include (room) with (fillfactor = 80));
comment on constraint e on t is 'no overlap';

create table t(a int, b varchar(10), c numeric(10,2), d timestamp, e json, f char(3), g int[]);

-- becomes

create table t(a smallint, b varchar(20), c numeric(12,4), d timestamptz, e jsonb, f text, g bigint[]);

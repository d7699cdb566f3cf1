create table t(a int, b text, c timestamp, d bool, e bytea, f json, g uuid, h interval, i money, j "char", k bit(4), l int[], m int4range, n date);

-- becomes

create table t(a text, b bytea, c date, d int, e text, f text, g text, h text, i numeric, j text, k varbit, l text[], m text, n timestamptz);

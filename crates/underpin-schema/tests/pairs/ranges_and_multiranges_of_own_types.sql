create type r as range (subtype = float8, subtype_diff = float8mi);
create table t(a r, b int4multirange);
create index on t using gist (a);

-- becomes

create type r as range (subtype = numeric, multirange_type_name = rs);
create table t(a r, b text, c rs);
create index on t using gist (a);

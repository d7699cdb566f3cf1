create table t(a int, b int, check (num_nonnulls(a, b) > 0));

-- becomes

create table t(a int, b int, c text, check (num_nonnulls(a, b) > 0), check (t is not null or t.a is null or true));

create table t(a int, b varchar(10), c int, check (a > -1 and c > -1), constraint e exclude using btree (a with =));
create statistics s (ndistinct, dependencies) on a, c from t;
create statistics x on (a + 1), (lower(b)) from t;
create index i on t(b varchar_pattern_ops) where a > 5;
create index j on t((a % 7), lower(b));

-- becomes

create table t(a bigint, b varchar(30), c numeric, check (a > -1 and c > -1), constraint e exclude using btree (a with =));
create statistics s (ndistinct, dependencies) on a, c from t;
create statistics x on (a + 1), (lower(b)) from t;
create index i on t(b varchar_pattern_ops) where a > 5;
create index j on t((a % 7), lower(b));

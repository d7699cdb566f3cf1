create table t(id int primary key, n int);
create function up(i int, m int) returns void language sql begin atomic insert into t values (i, m) on conflict (id) do update set n = excluded.n; end;

-- becomes

create table t(id int, n int, k int default 0, unique (id, k));
create function up(i int, m int) returns void language sql begin atomic insert into t values (i, m) on conflict (id, k) do update set n = excluded.n + 1; end;

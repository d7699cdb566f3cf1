create table m(u int, t int);
create table t(a int);
alter table t enable row level security, force row level security;
create policy p on t using (exists (select 1 from m where m.t = t.a));

-- becomes

create table m(u bigint, tt bigint);
create table t(a bigint);
alter table t enable row level security;
create policy p on t using (exists (select 1 from m where m.tt = t.a));

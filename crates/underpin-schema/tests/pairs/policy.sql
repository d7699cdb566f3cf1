create table t(a int, o name default current_user);
alter table t enable row level security;
create policy p on t using (o = current_user);

-- becomes

create table t(a int, o name default current_user);
alter table t enable row level security;
alter table t force row level security;
create policy p on t for select to public using (o = current_user or a > 1);
create policy q on t for insert with check (a > 0);

create table t(a int);
create table u(a int);
alter table t enable row level security, force row level security;

-- becomes

create table t(a int);
create table u(a int);
alter table u enable row level security;
create policy p on u as restrictive for select using (a = 1);

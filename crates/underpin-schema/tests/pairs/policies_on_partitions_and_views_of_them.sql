create table p(k int, who name) partition by list (k);
create table p1 partition of p for values in (1);
alter table p enable row level security;
create policy a on p using (who = current_user);
create policy b on p1 for select using (true);

-- becomes

create table p(k int, who text) partition by list (k);
create table p1 partition of p for values in (1);
alter table p1 enable row level security;
create policy a on p using (who = current_user::text);
create policy b on p1 for insert with check (who is not null);

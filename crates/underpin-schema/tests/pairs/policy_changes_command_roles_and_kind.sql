do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create table t(a int, owner name);
alter table t enable row level security;
create policy a on t for select using (a > 0);
create policy b on t as restrictive for update to app_r using (a > 1) with check (a > 2);
create policy c on t for all to current_user using (true);

-- becomes

do $$begin if not exists (select from pg_roles where rolname='app_r') then create role app_r; end if; end$$;
create table t(a int, owner text);
create policy a on t for delete to app_r, current_user using (a > 0);
create policy b on t as permissive for update to app_r using (a > 1);
create policy c on t for insert with check (owner = current_user);
create policy d on t using (exists (select from t as other where other.a = t.a and owner = t.owner));
comment on policy d on t is 'd';

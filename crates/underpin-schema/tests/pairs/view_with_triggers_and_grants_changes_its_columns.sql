create table t(a int, b int, c int);
create view v as select a, b from t;
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x instead of insert or update on v for each row execute function f();
grant insert (a), select on v to public;
comment on column v.a is 'a';
create view w with (security_barrier) as select * from v;
create rule r as on delete to w do instead delete from t where a = old.a;

-- becomes

create table t(a int, b int, c int);
create view v as select c as z, a from t;
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x instead of insert or update on v for each row execute function f();
grant insert (a), select on v to public;
comment on column v.a is 'a';
create view w with (security_barrier) as select * from v;
create rule r as on delete to w do instead delete from t where a = old.a;

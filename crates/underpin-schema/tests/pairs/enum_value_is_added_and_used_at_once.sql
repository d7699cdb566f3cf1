create type e as enum ('a');
create table t(x e);
create function f() returns e language sql immutable as $$select 'a'::e$$;

-- becomes

create type e as enum ('a', 'b');
create table t(x e default 'b', y e not null default 'b', constraint c check (x <> 'b'));
create index i on t(x) where x = 'b';
create view v as select * from t where y = 'b';
create function f() returns e language sql immutable begin atomic select 'b'::e; end;

create type e as enum ('a', 'b');
create table t(x e not null default 'a');
create index on t(x);

-- becomes

create table t(x text not null default 'a' check (x in ('a', 'b')));
create index on t(x);

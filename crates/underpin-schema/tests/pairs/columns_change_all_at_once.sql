create table t(id int primary key, a varchar(10) not null default 'x', b int, c timestamp default now(), d numeric(8,2) check (d > -1), e bool);
create index on t(a, b) where e;

-- becomes

create table t(id bigint primary key, a text default 'y', b bigint not null default 0, c timestamptz not null default now(), d numeric(12,4) not null default 0 check (d > -2), e bool not null default false, f jsonb not null default '{}');
create unique index t_a_b_idx on t(a, b, id) where e;
create index on t using gin (f);

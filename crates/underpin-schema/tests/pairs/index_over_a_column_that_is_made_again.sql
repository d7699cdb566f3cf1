create table t(a text, b int generated always as (length(a)) stored, c int[]);
create index i on t(b);
create unique index j on t(b, a);
create index k on t using gin (c);

-- becomes

create table t(a text, b bigint generated always as (length(a) + 1) stored, c text);
create index i on t(b);
create unique index j on t(b, a);
create index k on t(c);

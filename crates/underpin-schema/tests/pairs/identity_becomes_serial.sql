create table t(id bigint generated always as identity primary key);
create table u(t bigint references t(id));

-- becomes

create table t(id bigserial primary key);
create table u(t bigint references t(id));

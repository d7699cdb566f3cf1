create table t(a text);

-- becomes

create table t(a text, id bigint generated always as identity primary key);
create index on t(a, id);

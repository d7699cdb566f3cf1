create table t(id serial primary key, b int);

-- becomes

create table t(id bigint generated always as identity primary key, b int);

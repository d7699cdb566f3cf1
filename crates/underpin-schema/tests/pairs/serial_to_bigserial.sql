create table t(id serial primary key, a text);

-- becomes

create table t(id bigserial primary key, a text);

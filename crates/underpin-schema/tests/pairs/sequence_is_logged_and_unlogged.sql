-- since 15
create unlogged sequence s;
create sequence u;
create unlogged table t(id int generated always as identity);

-- becomes

create sequence s;
create unlogged sequence u;
create table t(id int generated always as identity);

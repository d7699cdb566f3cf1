create type c as (a text, b text collate "C", d int);
create table t(x c);

-- becomes

create type c as (b text collate "C", a text collate "C", d int);
create table t(x c);

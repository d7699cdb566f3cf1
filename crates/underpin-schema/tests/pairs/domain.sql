create domain d as text check (value <> '');
create table t(a d);

-- becomes

create domain d as text default 'x' not null check (length(value) > 1);
create table t(a d);

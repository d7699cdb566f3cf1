create type state as enum ('on', 'off');
create table t(a state default 'on');

-- becomes

create domain state as text check (value in ('on', 'off'));
create table t(a state default 'on');

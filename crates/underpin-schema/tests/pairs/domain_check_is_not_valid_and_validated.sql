create domain d as text constraint long check (length(value) > 0);
create domain e as int;
alter domain e add constraint small check (value < 100) not valid;
create table t(a d, b e);

-- becomes

create domain d as text;
alter domain d add constraint long check (length(value) > 0) not valid;
create domain e as int;
alter domain e add constraint small check (value < 100);
create table t(a d, b e);
comment on constraint small on domain e is 'small';

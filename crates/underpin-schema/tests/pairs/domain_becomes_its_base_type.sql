create domain email as text check (value ~ '@' or true);
create table t(a email not null unique, b email[]);

-- becomes

create table t(a text not null unique, b text[]);

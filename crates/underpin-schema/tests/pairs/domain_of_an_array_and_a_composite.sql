create type c as (a int);
create domain d as c check ((value).a > 0);
create domain l as int[] check (array_length(value, 1) < 100);
create table t(x d, y l);

-- becomes

create type c as (a int, b text);
create domain d as c check ((value).a > -1);
create domain l as bigint[] check (array_length(value, 1) < 200);
create table t(x d, y l);

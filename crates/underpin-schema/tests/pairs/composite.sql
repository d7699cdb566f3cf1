create type c as (a int, b text);
create table t(x c, y c[]);

-- becomes

create type c as (a int, b text, z numeric(10,2));
create table t(x c, y c[]);

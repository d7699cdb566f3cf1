create type c as (a int, b text);
create table t(a int);
create table u(x c);

-- becomes

create table c(a int, b text);
create type t as (a int);
create table u(y t);

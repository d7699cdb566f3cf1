create table t(a int);
grant select on t to public;

-- becomes

create table t(a int);
grant select (a), insert on t to public;
create schema s;
grant usage on schema s to public;

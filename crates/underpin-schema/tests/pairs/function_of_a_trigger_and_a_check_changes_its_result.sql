create function f(int) returns bool language sql immutable as 'select $1 > -1';
create table t(a int check (f(a)), b int);
create index i on t(b) where f(b);
create policy p on t using (f(a));

-- becomes

create function f(int) returns int language sql immutable as 'select $1';
create table t(a int check (f(a) > -1), b int);
create index i on t(b) where f(b) > 3;
create policy p on t using (f(a) > 0);

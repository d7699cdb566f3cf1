create function f(a int) returns int language sql as 'select a';
create function g() returns void language plpgsql as 'begin end';
create table t(a int default f(2));

-- becomes

create function f(a int) returns int language plpgsql stable as 'begin return a; end';
create function g() returns int language plpgsql as 'begin return 1; end';
create table t(a int default f(2), b int default g());

create function f(int) returns int language sql as 'select 1';
create function f(text) returns int language sql as 'select 2';
create procedure pr(inout a int) language plpgsql as $$begin a := 1; end$$;

-- becomes

create function f(text) returns text language sql as 'select $1';
create function f(int,int) returns setof int language sql as 'select 1';
create procedure pr(inout a int) language plpgsql as $$begin a := 2; commit; end$$;

create function f(int) returns int language sql as 'select $1';

-- becomes

create function f(int) returns int language sql immutable strict parallel safe security definer set search_path to 'public' cost 5 as 'select $1';
create function f2(variadic int[]) returns int language sql begin atomic select $1[1]; end;
create function f3(out a int, out b text) language sql as $$select 1,'x'$$;

create function f(int) returns int language sql volatile as 'select $1';
create function g() returns setof int language sql rows 10 as 'select 1';
create function h() returns int language plpgsql security definer set search_path = pg_catalog set work_mem = '4MB' as 'begin return 1; end';

-- becomes

create function f(int) returns int language sql stable leakproof strict parallel restricted cost 7 as 'select $1';
create function g() returns setof int language sql rows 500 support generate_series_int4_support as 'select 1';
create function h() returns int language plpgsql set work_mem = '8MB' as 'begin return 1; end';

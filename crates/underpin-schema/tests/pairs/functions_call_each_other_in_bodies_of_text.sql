create function a(n int) returns int language sql as 'select case when n = 0 then 0 else 1 end';

-- becomes

create function a(n int) returns int language plpgsql as $$begin return case when n = 0 then 0 else b(n - 1) end; end$$;
create function b(n int) returns int language plpgsql as $$begin return a(n); end$$;
create table t(x int default a(3));

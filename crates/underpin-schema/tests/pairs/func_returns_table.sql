create table t(a int);
create function f() returns setof t language sql as 'select * from t';

-- becomes

create table t(a int, b text);
create function f() returns setof t language sql as 'select * from t';
create function g() returns table(x int, y text) language plpgsql stable as $$begin return query select a,b from t; end$$;

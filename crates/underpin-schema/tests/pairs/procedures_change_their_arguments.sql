create procedure p(a int, inout b text) language plpgsql as $$begin b := a; end$$;
create procedure q() language sql as 'select 1';

-- becomes

create procedure p(a int, inout c text default 'x') language plpgsql as $$begin c := a; end$$;
create procedure q(out r int) language plpgsql as $$begin r := 1; end$$;

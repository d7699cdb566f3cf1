create table t(a int, b int);
create function f() returns trigger language plpgsql as $$begin return null; end$$;
create trigger x after update on t referencing old table as o new table as n for each statement execute function f('one', '2');

-- becomes

create table t(a int, b int);
create function f() returns trigger language plpgsql as $$begin return null; end$$;
create trigger x after update on t referencing new table as n for each row execute function f('one', 'it''s');
create trigger y after delete on t referencing old table as "Old" for each statement execute function f();
create trigger z after truncate on t execute function f();

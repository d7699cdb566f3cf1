create table t(id int primary key, a int, b int, c int, d text, check (a < b), unique (a, c));
create index i on t(a, d);
create index j on t(d) where a > 0;
create index k on t((a + c));
create statistics s on a, b from t;
create view v as select id, a from t;
create policy p on t using (a > 0);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before update of a on t for each row execute function f();
create table u(a int references t);

-- becomes

create table t(id int primary key, b int, c int, d text);
create view v as select id from t;
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create table u(a int references t);

create table t(id int primary key, d date not null, v text);
create table u(t int references t);
create view w as select id, v from t;
create index i on t(d);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x before insert on t for each row execute function f();

-- becomes

create table t(id int, d date not null, v text, primary key (id, d)) partition by range (d);
create table t1 partition of t for values from ('2020-01-01') to ('2030-01-01');
create table u(t int);
create view w as select id, v from t;
create index i on t(d);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x after insert on t for each row execute function f();

create table p(id int not null default 5, k int, v text check (v <> 'no'), primary key (id, k)) partition by list (k);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);
create index on p(v);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x after insert on p for each row execute function f();

-- becomes

create table p(id int not null default 5, k int, v text check (v <> 'no'), primary key (id, k)) partition by list (k);
create table p1 partition of p for values in (1);
create table p2(id int not null default 5, k int not null, v text constraint p_v_check check (v <> 'no'), primary key (id, k));
create index p2_v_idx on p2(v);
create index on p(v);
create function f() returns trigger language plpgsql as $$begin return new; end$$;
create trigger x after insert on p for each row execute function f();

create view v as select relname from pg_class where relkind = 'r';
create view w as select * from generate_series(1, 10) with ordinality as g(n, o);

-- becomes

create view v as select relname, relkind from pg_class where relkind in ('r', 'p');
create view w as select g.o, g.n from generate_series(1, 10) with ordinality as g(n, o);
create view x as select * from information_schema.tables;

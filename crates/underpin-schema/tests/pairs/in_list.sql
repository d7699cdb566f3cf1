create table t(a varchar(10), b char(3), c text);

-- becomes

create table t(a varchar(10), b char(3), c text, check (a in ('x', 'y')), check (a not in ('z', 'w')), check (b in ('p', 'q')), check (c in ('r', 's')));
create table u(a varchar(10), check (((a)::text = any ((array['x'::character varying, 'y'::character varying])::text[]))));
create index i on t(c) where a in ('x', 'y');
create view v as select a from t where a in ('x', 'y') and c not in ('k', 'l');

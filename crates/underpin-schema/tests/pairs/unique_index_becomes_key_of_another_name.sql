-- An index becomes a key as it is, under its name or another one, while foreign keys and others hold on to it.
create table t(id int not null, a int, b int, c int);
create unique index t_id on t(id);
create unique index t_a on t(a) include (b);
create unique index t_b on t(b);
create unique index t_c on t(c desc);
alter table t replica identity using index t_id;
create table u(b int references t(b));

-- becomes

create table t(id int not null, a int, b int, c int);
alter table t add constraint t_pkey primary key (id);
alter table t add constraint t_a_key unique (a) include (b) deferrable;
alter table t add constraint t_b unique (b);
alter table t add constraint t_c unique (c);
create index t_a on t(b, a);
alter table t replica identity using index t_pkey;
create table u(b int references t(b));

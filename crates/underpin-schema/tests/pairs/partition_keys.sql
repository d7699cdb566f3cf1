-- Keys and unique indexes over filled partitions, two levels deep, and a foreign key that needs one.
create table p(a int not null, b int not null, c text) partition by range(a);
create table p1 partition of p for values from (0) to (100) partition by list(b);
create table p11 partition of p1 for values in (1, 2);
create table p12 partition of p1 default;
create table p2 partition of p default;
create table other(id int primary key, a int, b int);

-- becomes

create table p(a int not null, b int not null, c text) partition by range(a);
create table p1 partition of p for values from (0) to (100) partition by list(b);
create table p11 partition of p1 for values in (1, 2);
create table p12 partition of p1 default;
create table p2 partition of p default;
alter table p add constraint p_key primary key (a, b);
alter table p add constraint p_unique unique (b, a) deferrable initially deferred;
create unique index p_index on p(a, b, c) where c is not null;
create index p_lower on p(lower(c));
alter index p11_lower_idx rename to "p11 lower";
alter index p_lower alter column 1 set statistics 50;
comment on index p_lower is 'over all';
create table other(id int primary key, a int, b int, foreign key (a, b) references p(a, b));

create schema parts;
create table p(id int, k int, primary key (id, k)) partition by list (k);
create table p1 partition of p for values in (1);

-- becomes

create schema parts;
create table p(id int, k int, primary key (id, k)) partition by list (k);
create table parts.p1 partition of p for values in (1);
create table parts.p2 partition of p for values in (2);

-- since 17
create table p(a int, b int) partition by list (a);
create table p1 partition of p for values in (1);

-- becomes

create table p(a int, b int, exclude using btree (a with =, b with =)) partition by list (a);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);

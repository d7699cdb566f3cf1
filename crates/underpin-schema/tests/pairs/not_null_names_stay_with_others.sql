-- since 18
-- A partition that is detached keeps the names of NOT NULL that its table had, while that one is made anew.
create table p(a int not null, b int) partition by range(a);
create table p1 partition of p for values from (0) to (10);

-- becomes

create table p(a int not null, b int) partition by range(a);
create table p1 partition of p for values from (0) to (10);
alter table p detach partition p1;
drop table p;
create table p(a int constraint p_a_not_null not null, b int, c text);

-- A table refuses NULL, the one that inherits from it does not, or the other way about.
create table parent(a int, b int not null);
create table child() inherits (parent);

-- becomes

create table parent(a int, b int not null);
create table child() inherits (parent);
do $$ begin
    alter table only parent alter a set not null;
    alter table only parent alter b drop not null;
exception when others then null; -- From 18 on both do the same.
end $$;

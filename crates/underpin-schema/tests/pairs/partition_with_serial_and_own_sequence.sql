create table p(id serial, k int) partition by list (k);
create table p1 partition of p for values in (1, 2);

-- becomes

create table p(id bigserial, k int) partition by list (k);
create table p1 partition of p for values in (1, 2);
create sequence own owned by p1.id;
alter table p1 alter id set default nextval('own');

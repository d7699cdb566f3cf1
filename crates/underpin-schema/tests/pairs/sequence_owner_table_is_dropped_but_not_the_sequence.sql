create table t(a serial);

-- becomes

create sequence t_a_seq;
create table u(x bigint default nextval('t_a_seq'));

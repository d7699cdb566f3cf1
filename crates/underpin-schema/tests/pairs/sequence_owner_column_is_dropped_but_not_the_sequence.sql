create table t(a serial, b int);
create table u(x int default nextval('t_a_seq'));

-- becomes

create table t(b int);
create sequence t_a_seq as int;
create table u(x int default nextval('t_a_seq'));

create extension citext;
create table t(a int generated always as identity primary key, b int unique, c int generated always as identity);
comment on index t_pkey is 'key';
comment on index t_b_key is 'old';
comment on sequence t_a_seq is 'counts';
grant usage on sequence t_a_seq to public;
grant select on sequence t_c_seq to public;
create table gone(a int generated always as identity primary key);
comment on index gone_pkey is 'gone';
create aggregate total(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int);

-- becomes

create extension citext;
comment on extension citext is 'ours';
create table t(a int generated always as identity primary key, b int unique, c int generated always as identity (start 5));
comment on index t_b_key is 'new';
comment on sequence t_a_seq is 'counts on';
comment on sequence t_c_seq is 'also';
grant select on sequence t_a_seq to public;
grant select on sequence t_c_seq to public;
create table come(a int generated always as identity primary key, b int);
comment on index come_pkey is 'come';
comment on sequence come_a_seq is 'come';
create aggregate total(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int,
    finalfunc_modify = shareable, mfinalfunc_modify = read_write);

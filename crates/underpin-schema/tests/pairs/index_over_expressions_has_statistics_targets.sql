create table t(a int, b text);
create index i on t((a + 1), lower(b));

-- becomes

create table t(a int, b text);
create index i on t((a + 1), lower(b));
alter index i alter column 1 set statistics 200, alter column 2 set statistics 50;
create index j on t((a * 2));
alter index j alter column 1 set statistics 0;
comment on index j is 'twice';

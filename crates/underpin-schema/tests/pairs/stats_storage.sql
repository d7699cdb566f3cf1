create table t(a text, b int, c int) with (fillfactor=90);

-- becomes

create table t(a text, b int, c int) with (fillfactor=70, autovacuum_enabled=false);
alter table t alter a set storage external, alter a set statistics 500;
create statistics st on b, c from t;
alter table t replica identity full;

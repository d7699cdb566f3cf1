create collation c (provider = libc, locale = 'C');
create table t(a text collate c, b text);
create index on t(a);

-- becomes

create collation c (provider = libc, locale = 'POSIX');
create collation d from "C";
create table t(a text collate c, b text collate d);
create index on t(a);
create index on t(b collate c);

create domain a as int;
create domain b as a check (value > -10);
create domain c as b not null;
create table t(x a, y b default 1, z c default 2);
create view v as select x, y, z from t;

-- becomes

create domain a as bigint check (value <> 99);
create domain b as a check (value > -20);
create domain c as b default 5;
create table t(x a, y b default 1, z c default 2);
create view v as select x, y, z from t;

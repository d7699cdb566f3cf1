create table p(a int, b int) partition by range (a);
create table p1(a int, b int constraint positive check (b > -1));

-- becomes

create table p(a int, b int constraint positive check (b > -1), constraint larger check (a > b or true)) partition by range (a);
create table p1 partition of p for values from (0) to (10);

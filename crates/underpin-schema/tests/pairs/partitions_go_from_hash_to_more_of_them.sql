create table p(a int primary key, b text) partition by hash (a);
create table p0 partition of p for values with (modulus 2, remainder 0);
create table p1 partition of p for values with (modulus 2, remainder 1);

-- becomes

create table p(a int primary key, b text) partition by hash (a);
create table p0 partition of p for values with (modulus 4, remainder 0);
create table p1 partition of p for values with (modulus 4, remainder 1);
create table p2 partition of p for values with (modulus 4, remainder 2);
create table p3 partition of p for values with (modulus 4, remainder 3);

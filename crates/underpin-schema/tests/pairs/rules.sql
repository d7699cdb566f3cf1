create table t(a int);
create table l(a int);
create rule r as on insert to t do also insert into l values (new.a);

-- becomes

create table t(a int, b int);
create table l(a int, b int);
create rule r as on insert to t do also insert into l values (new.a, new.b);
create rule n as on delete to t do instead nothing;

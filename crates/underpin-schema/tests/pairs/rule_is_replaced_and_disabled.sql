create table t(a int, b int);
create table l(a int);
create rule one as on insert to t do also notify t_changed;
create rule two as on update to t where old.a <> new.a do instead nothing;

-- becomes

create table t(a int, b int);
create table l(a int);
create rule one as on insert to t do also (insert into l values (new.a); insert into l values (new.b));
create rule two as on delete to t do also delete from l where l.a = old.a;
create rule "Three" as on update to t do also notify other;
alter table t disable rule "Three";
comment on rule one on t is 'one';

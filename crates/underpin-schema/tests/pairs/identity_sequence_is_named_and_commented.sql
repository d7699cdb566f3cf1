create table t(a int generated always as identity);

-- becomes

create table t(a int generated always as identity (sequence name numbers cache 20));
comment on sequence numbers is 'numbers of t';

create table t(a int);

-- becomes

create table t(a int not null default 7, b text not null default 'q', c timestamptz not null default clock_timestamp());

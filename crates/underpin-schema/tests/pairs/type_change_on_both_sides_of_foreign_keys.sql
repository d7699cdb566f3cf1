create table r(id int primary key, parent int references r, code varchar(5) unique);
create table t(id int primary key, r int not null references r on delete cascade deferrable initially deferred, code varchar(5) references r(code));
create table u(r int, t int, foreign key (r) references r, foreign key (t) references t);

-- becomes

create table r(id bigint primary key, parent bigint references r, code text unique);
create table t(id bigint primary key, r bigint not null references r on delete cascade deferrable initially deferred, code text references r(code));
create table u(r bigint, t bigint, foreign key (r) references r, foreign key (t) references t);

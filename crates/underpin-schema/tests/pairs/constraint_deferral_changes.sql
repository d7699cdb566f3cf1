create table r(id int primary key, constraint u unique (id));
create table t(a int constraint f references r(id) deferrable initially deferred, b int constraint g references r(id), constraint k unique (a) deferrable initially deferred);

-- becomes

create table r(id int primary key, k int unique deferrable initially immediate);
create table t(a int constraint f references r(id) not deferrable, b int constraint g references r(id) deferrable initially deferred, constraint k unique (a));

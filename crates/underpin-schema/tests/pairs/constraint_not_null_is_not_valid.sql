-- since 18
create table a(x int, y int);
alter table a add constraint n not null x not valid;

-- becomes

create table a(x int not null, y int);
alter table a add constraint m not null y not valid;

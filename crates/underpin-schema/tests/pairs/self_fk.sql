create table t(id int primary key, p int);

-- becomes

create table t(id int, tenant int, p int, primary key (tenant,id), foreign key (tenant,p) references t(tenant,id) on delete cascade);

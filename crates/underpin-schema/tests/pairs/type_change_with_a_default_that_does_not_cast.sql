create table t(a text default 'none', b int default 0, c bool default true, d date default current_date, e text default '{}');

-- becomes

create table t(a int default 7, b bool default false, c text default 'yes', d text default 'today', e jsonb default '{}');

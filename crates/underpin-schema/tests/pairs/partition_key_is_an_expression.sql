create table p(a timestamp, b text) partition by range (date_trunc('day', a));
create table p1 partition of p for values from ('2020-01-01') to ('2030-01-01');

-- becomes

create table p(a timestamp, b text) partition by range (date_trunc('month', a), lower(b) collate "C");
create table p1 partition of p for values from ('2020-01-01', minvalue) to ('2030-01-01', maxvalue);

create sequence s increment -1;
create sequence u as bigint minvalue 5 maxvalue 50 start 6;
create sequence w as smallint;

-- becomes

create sequence s increment 1;
create sequence u as int minvalue 50 maxvalue 500 start 51 cycle;
create sequence w as bigint increment -5 maxvalue 1000 minvalue -1000 start 999;

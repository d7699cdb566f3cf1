create table "T"(id int);
create table t(id int);

-- becomes

create table "T"(id int, "ID" text);
create table t("Id" int);
create type "Type" as enum ('A','a');
create table "User"(role "Type" default 'a');

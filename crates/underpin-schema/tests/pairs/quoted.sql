create table "My Table"("Sel ect" int primary key, "a""b" text default 'it''s');
comment on column "My Table"."a""b" is 'o''hara';

-- becomes

create schema "S p";
create table "S p"."My Table"("Sel ect" int primary key, "a""b" varchar(10) default 'it''s', "select" int);
create index "I x" on "S p"."My Table" (("select" + 1) desc nulls last) where "select" > 0;

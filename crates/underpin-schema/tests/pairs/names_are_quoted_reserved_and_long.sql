create schema "Mixed Case";
create table "Mixed Case"."select"("from" int primary key, "order by" text, "a""b" int, "ünïcödé" text default 'ß');
create index "where" on "Mixed Case"."select"("order by");
create view "Mixed Case"."View" as select "from", "a""b" from "Mixed Case"."select";
create type "Mixed Case"."Type" as enum ('It''s', 'A "b"');
create table abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk(a int primary key, abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk int);

-- becomes

create schema "Mixed Case";
create type "Mixed Case"."Type" as enum ('A "b"', 'It''s', '', 'ü');
create table "Mixed Case"."select"("from" bigint primary key, "order by" text not null default 'x', "a""b" bigint unique, "ünïcödé" text default '日本', "user" "Mixed Case"."Type");
create index "where" on "Mixed Case"."select"("order by", "ünïcödé");
create view "Mixed Case"."View" as select "from", "a""b" from "Mixed Case"."select";
create table abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk(a int primary key, abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk int unique references abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk);

create schema ext;
create extension citext;
create extension hstore with schema ext;
create table t(a citext primary key, b ext.hstore, c text);
create index on t using gin (b);
create view v as select a, b operator(ext.->) 'x' as x from t;

-- becomes

create schema ext;
create extension citext with schema ext;
create extension pgcrypto;
create extension "uuid-ossp" with schema ext;
create extension pg_trgm;
create table t(a ext.citext primary key, b text, c text, d uuid default ext.uuid_generate_v4(), e bytea default digest('x', 'sha256'));
create index on t using gin (c gin_trgm_ops);
create view v as select a, b as x from t;

use super::*;

fn reach(text: &str) -> Reach {
    of(text, &Reaching::default())
}

#[test]
fn what_stays_in_its_database_is_known() {
    for text in [
        "CREATE TABLE t (a int REFERENCES u, b text DEFAULT lower('X'))",
        "ALTER TABLE t ADD COLUMN c int, ALTER COLUMN a TYPE bigint USING a::bigint",
        "CREATE INDEX CONCURRENTLY i ON t (lower(b))",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "INSERT INTO docs VALUES ('CREATE ROLE x; SELECT pg_terminate_backend(1)')",
        "SELECT setval('s', 1), set_config('search_path', '', false)",
        "GRANT SELECT ON t TO reader",
        "GRANT EXECUTE ON FUNCTION f() TO reader",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO reader",
        "ALTER TABLE t OWNER TO app",
        "COMMENT ON TABLE t IS 'role'",
        "COPY t (a) FROM stdin",
        "CREATE USER MAPPING FOR app SERVER s",
        "SET ROLE app",
        "VACUUM t",
        "DROP SCHEMA s CASCADE",
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'mood') THEN CREATE TYPE mood AS ENUM ('a'); END IF; END $$",
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables LOOP EXECUTE format('ALTER TABLE %I OWNER TO app', r.tablename); END LOOP; END $$",
        "DO $$ BEGIN GRANT SELECT ON t TO app; EXECUTE 'GRANT SELECT ON t TO app'; END $$",
    ] {
        assert_eq!(reach(text), Reach::Database, "{text}");
    }
}

#[test]
fn what_acts_on_the_server_is_never_taken_for_that() {
    for text in [
        "CREATE ROLE app LOGIN PASSWORD 'x'",
        "CREATE USER app",
        "CREATE GROUP app",
        "ALTER ROLE app SET search_path = app",
        "ALTER USER app PASSWORD 'x'",
        "ALTER ROLE ALL RESET ALL",
        "DROP ROLE IF EXISTS app",
        "DROP USER app",
        "GRANT admin TO app",
        "REVOKE admin FROM app",
        "GRANT CREATE ON TABLESPACE fast TO app",
        "REASSIGN OWNED BY a TO b",
        "DROP OWNED BY app",
        "CREATE TABLESPACE fast LOCATION '/mnt/fast'",
        "DROP TABLESPACE fast",
        "COMMENT ON ROLE app IS 'x'",
        "COPY t TO '/tmp/x'",
        "COPY t FROM PROGRAM 'curl x'",
        "COPY (SELECT 1) TO PROGRAM 'sh'",
        "LOAD 'auto_explain'",
        "IMPORT FOREIGN SCHEMA s FROM SERVER x INTO public",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
        "SELECT pg_reload_conf()",
        "INSERT INTO t SELECT * FROM dblink('host=x', 'SELECT 1') AS d(a int)",
        "SELECT pg_catalog.pg_create_logical_replication_slot('s', 'pgoutput')",
        "SELECT lo_export(1, '/tmp/x')",
        "CREATE TABLE t AS SELECT pg_read_file('/etc/passwd')",
        "DO $$ BEGIN CREATE ROLE app; END $$",
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN EXECUTE 'CREATE ROLE app'; END IF; END $$",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET x = 1', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('GRANT %I TO app', 'admin'); END $$",
        "DO $$ BEGIN PERFORM pg_terminate_backend(1); END $$",
        "DO $$ DECLARE q text; BEGIN SELECT sql INTO q FROM todo; EXECUTE q; END $$",
        "DO LANGUAGE plpython3u $$ import os $$",
        "SOMETHING nobody knows",
    ] {
        assert!(
            matches!(reach(text), Reach::Server(_)),
            "{text}: {:?}",
            reach(text)
        );
    }
}

#[test]
fn what_no_schema_depends_on_is_set_apart() {
    for text in [
        "ALTER SYSTEM SET work_mem = '1GB'",
        "CREATE DATABASE other",
        "DROP DATABASE other",
        "ALTER DATABASE app SET timezone = 'UTC'",
        "GRANT CONNECT ON DATABASE app TO reader",
        "COMMENT ON DATABASE app IS 'x'",
        "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
        "ALTER SUBSCRIPTION s ENABLE",
        "DROP SUBSCRIPTION s",
    ] {
        assert!(
            matches!(reach(text), Reach::Apart(_)),
            "{text}: {:?}",
            reach(text)
        );
    }
}

#[test]
fn routines_and_foreign_tables_reach_as_far_as_what_they_do() {
    let mut known = Reaching::default();
    for text in [
        "CREATE FUNCTION app.setup() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE ROLE app; END $$",
        "CREATE FUNCTION harmless() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE PROCEDURE outer_one() LANGUAGE plpgsql AS $$ BEGIN PERFORM app.setup(); END $$",
        "CREATE FOREIGN TABLE remote (a int) SERVER x",
    ] {
        assert_eq!(of(text, &known), Reach::Database, "{text}");
        known.learn(text);
    }
    for text in [
        "SELECT app.setup()",
        "CALL outer_one()",
        "DO $$ BEGIN PERFORM app.setup(); END $$",
        "INSERT INTO remote VALUES (1)",
        "CREATE TRIGGER t AFTER INSERT ON u EXECUTE FUNCTION app.setup()",
    ] {
        assert!(matches!(of(text, &known), Reach::Server(_)), "{text}");
    }
    for text in [
        "SELECT harmless()",
        "DROP FUNCTION app.setup()",
        "DROP FOREIGN TABLE remote",
    ] {
        assert_eq!(of(text, &known), Reach::Database, "{text}");
    }
}

//! The lock that a dry run names is the one that PostgreSQL takes: read from `pg_locks`.

use crate::support::Project;
use underpin_migrate::{Direction, Target};

const BEFORE: &str = "\
CREATE TYPE mood AS ENUM ('sad');
CREATE DOMAIN amount AS int;
CREATE TABLE o (id int PRIMARY KEY);
CREATE TABLE t (a int, b text NOT NULL, m mood, d amount, e int);
ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_b ON t (b);
CREATE VIEW v AS SELECT a FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT a FROM t;
CREATE UNIQUE INDEX mv_a ON mv (a);
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 (a int);
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE POLICY y ON t USING (true);
CREATE RULE r AS ON DELETE TO o DO INSTEAD NOTHING;";

/// The strongest lock on a relation of the project that was there before the transaction, as PostgreSQL spells it.
const STRONGEST: &str = "\
SELECT coalesce((
    SELECT l.mode FROM pg_locks AS l JOIN before AS c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.granted
    ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock',
                                  'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock', 'AccessShareLock'], l.mode)
    LIMIT 1), 'none')";

const STATEMENTS: &str = "\
ALTER TABLE t ADD COLUMN x int
ALTER TABLE t DROP COLUMN d
ALTER TABLE t RENAME COLUMN b TO c
ALTER TABLE t RENAME TO u
ALTER TABLE t VALIDATE CONSTRAINT positive
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID
ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES o NOT VALID
ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX t_b
ALTER TABLE t DROP CONSTRAINT positive
ALTER TABLE t ALTER COLUMN a SET NOT NULL
ALTER TABLE t ALTER COLUMN a SET DEFAULT 1
ALTER TABLE t ALTER COLUMN a SET STATISTICS 10
ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL
ALTER TABLE t ALTER COLUMN e TYPE bigint
ALTER TABLE t SET (fillfactor = 70)
ALTER TABLE t RESET (fillfactor)
ALTER TABLE t ENABLE ROW LEVEL SECURITY
ALTER TABLE t DISABLE TRIGGER g
ALTER TABLE t CLUSTER ON t_a
ALTER TABLE t REPLICA IDENTITY FULL
ALTER TABLE t OWNER TO CURRENT_USER
ALTER TABLE t SET SCHEMA pg_catalog
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2)
ALTER TABLE p DETACH PARTITION p1
ALTER INDEX t_a RENAME TO t_x
ALTER INDEX t_a SET (fillfactor = 70)
ALTER VIEW v RENAME TO w
ALTER TYPE mood ADD VALUE 'glad'
ALTER TYPE mood RENAME VALUE 'sad' TO 'low'
ALTER DOMAIN amount ADD CHECK (VALUE > 0)
ALTER DOMAIN amount DROP NOT NULL
CREATE INDEX i ON t (b)
CREATE TABLE n (a int)
CREATE TABLE n (a int REFERENCES o)
CREATE TABLE n (LIKE t)
CREATE TABLE n PARTITION OF p FOR VALUES IN (7)
CREATE TABLE n () INHERITS (o)
CREATE TABLE n AS SELECT * FROM t
CREATE VIEW n AS SELECT * FROM t
CREATE MATERIALIZED VIEW n AS SELECT * FROM t
CREATE TRIGGER h BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()
CREATE POLICY z ON t USING (false)
CREATE RULE q AS ON DELETE TO t DO INSTEAD NOTHING
CREATE STATISTICS st ON a, b FROM t
CREATE FUNCTION n() RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE TYPE n AS ENUM ('x')
CREATE SEQUENCE n
CREATE SCHEMA n
COMMENT ON TABLE t IS 'x'
COMMENT ON COLUMN t.a IS 'x'
COMMENT ON CONSTRAINT positive ON t IS 'x'
COMMENT ON TRIGGER g ON t IS 'x'
COMMENT ON POLICY y ON t IS 'x'
COMMENT ON RULE r ON o IS 'x'
COMMENT ON INDEX t_a IS 'x'
COMMENT ON VIEW v IS 'x'
COMMENT ON TYPE mood IS 'x'
COMMENT ON FUNCTION f() IS 'x'
GRANT SELECT ON t TO CURRENT_USER
DROP TABLE o
DROP INDEX t_a
DROP VIEW v
DROP MATERIALIZED VIEW mv
DROP TRIGGER g ON t
DROP POLICY y ON t
DROP RULE r ON o
DROP TYPE mood CASCADE
DROP DOMAIN amount CASCADE
DROP FUNCTION f() CASCADE
TRUNCATE t
REINDEX TABLE t
REINDEX INDEX t_a
REFRESH MATERIALIZED VIEW mv
REFRESH MATERIALIZED VIEW CONCURRENTLY mv
CLUSTER t USING t_a
ANALYZE t
LOCK TABLE t IN SHARE MODE
LOCK TABLE t
LOCK t IN  row  share MODE NOWAIT
INSERT INTO t (b) VALUES ('x')
INSERT INTO o SELECT a FROM t
UPDATE t SET a = 1
DELETE FROM t
SELECT 1
SELECT count(*) FROM t
SELECT a FROM t FOR UPDATE
WITH gone AS (DELETE FROM t RETURNING a) SELECT * FROM gone
TABLE t
EXPLAIN SELECT * FROM t
ALTER DOMAIN amount SET NOT NULL
ALTER DOMAIN amount ADD CHECK (VALUE > 0) NOT VALID";

#[tokio::test]
async fn the_lock_that_is_shown_is_the_one_that_is_taken() {
    let project = Project::new(&[]).await;
    project.sql(BEFORE).await;
    let mut session = project.session().await;
    let relations = "CREATE TEMP TABLE before AS SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v', 'i')";
    session.batch(relations).await.expect("their numbers");
    let mut wrong = Vec::new();
    for statement in STATEMENTS.lines() {
        project.write("1_a.up", statement);
        let plan = project.migrator().plan(Direction::Up, Target::All).await;
        let plan = plan.expect(statement);
        let shown = plan.steps()[0].remaining()[0].lock();
        let shown = shown.map_or_else(|| String::from("none"), |it| it.to_string());
        let tx = session.begin();
        if let Err(error) = tx.batch(statement).await {
            wrong.push(format!("{statement}: {}", underpin_core::Chain(&error)));
            continue;
        }
        let taken: String = tx
            .query_one(STRONGEST, &[])
            .await
            .and_then(|row| row.get(0))
            .expect("its locks");
        tx.rollback().await.expect(statement);
        let shown_as = shown.replace(' ', "").to_lowercase();
        // From 18 on GRANT holds the table for as long as it looks at it.
        let is_glance = taken == "AccessShareLock" && statement.starts_with("GRANT");
        if taken.trim_end_matches("Lock").to_lowercase() != shown_as && !is_glance {
            wrong.push(format!("{statement}: shown {shown}, taken {taken}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

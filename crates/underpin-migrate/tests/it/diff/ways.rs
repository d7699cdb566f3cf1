//! Changes that can be made by hand, and so are to be found: there and back, with rows in the tables.

use super::support::{Server, all, go, sql};
use underpin_migrate::diff::{Difference, difference};

/// Two schemas, and the rows of the first. Each is the other's way back.
struct Pair {
    name: &'static str,
    one: String,
    other: String,
    rows: &'static str,
}

fn pair(
    name: &'static str,
    one: impl Into<String>,
    other: impl Into<String>,
    rows: &'static str,
) -> Pair {
    Pair {
        name,
        one: one.into(),
        other: other.into(),
        rows,
    }
}

/// Goes from the one to the other and back, with rows. That both ends are reached exactly is proven when the way is found.
async fn check(pairs: &[Pair]) {
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let mut wrong = Vec::new();
    for it in pairs {
        let (from, to) = (sql("from.sql", &it.one), sql("to.sql", &it.other));
        let found = difference(&scratch, &from, &to, &all()).await;
        let gone = match found {
            Ok(found) => there_and_back(&server, it, &found).await,
            Err(error) => Err(underpin_core::Chain(&error).to_string()),
        };
        if let Err(reason) = gone {
            wrong.push(format!("## {}\n{reason}", it.name));
        }
    }
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn there_and_back(server: &Server, it: &Pair, found: &Difference) -> Result<(), String> {
    let work = server.database("work").await;
    for script in [it.one.as_str(), it.rows] {
        work.batch(script).await.expect("the first side is made");
    }
    go(&work, &found.up).await?;
    go(&work, &found.down).await
}

#[tokio::test]
async fn a_function_that_conditions_of_a_domain_in_use_call_gets_another_argument_name() {
    const ONE: &str = "CREATE FUNCTION pos(a int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
        CREATE DOMAIN d AS int DEFAULT 1 CONSTRAINT ok CHECK (pos(VALUE)) CONSTRAINT small CHECK (VALUE < 100);
        COMMENT ON CONSTRAINT ok ON DOMAIN d IS 'positive'; CREATE TABLE t (v d, w int);";
    const OTHER: &str = "CREATE FUNCTION pos(b int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
        CREATE DOMAIN d AS int DEFAULT 1 CONSTRAINT ok CHECK (pos(VALUE)) CONSTRAINT small CHECK (VALUE < 100);
        COMMENT ON CONSTRAINT ok ON DOMAIN d IS 'positive'; CREATE TABLE t (v d, w int);";
    check(&[
        pair("an argument", ONE, OTHER, "INSERT INTO t VALUES (1, 2)"),
        pair(
            "a condition that is not validated",
            "CREATE FUNCTION pos(a int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
             CREATE DOMAIN d AS int; CREATE TABLE t (v d);
             ALTER DOMAIN d ADD CONSTRAINT ok CHECK (pos(VALUE)) NOT VALID;",
            "CREATE FUNCTION pos(b int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
             CREATE DOMAIN d AS int; CREATE TABLE t (v d);
             ALTER DOMAIN d ADD CONSTRAINT ok CHECK (pos(VALUE)) NOT VALID;",
            "INSERT INTO t VALUES (3)",
        ),
        pair(
            "a domain over it, and a view that uses both",
            "CREATE FUNCTION pos(a int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
             CREATE DOMAIN d AS int CHECK (pos(VALUE)); CREATE DOMAIN e AS d CHECK (VALUE < 9);
             CREATE TABLE t (v e); CREATE VIEW w AS SELECT v, pos(v) FROM t;",
            "CREATE FUNCTION pos(b int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
             CREATE DOMAIN d AS int CHECK (pos(VALUE)); CREATE DOMAIN e AS d CHECK (VALUE < 9);
             CREATE TABLE t (v e); CREATE VIEW w AS SELECT v, pos(v) FROM t;",
            "INSERT INTO t VALUES (3)",
        ),
        pair(
            "conditions that come, go and change",
            "CREATE DOMAIN d AS int CONSTRAINT a CHECK (VALUE > 0) CONSTRAINT b CHECK (VALUE < 9); CREATE TABLE t (v d);",
            "CREATE DOMAIN d AS bigint CONSTRAINT b CHECK (VALUE < 99) CONSTRAINT c CHECK (VALUE <> 7);
             COMMENT ON CONSTRAINT c ON DOMAIN d IS 'no seven'; CREATE TABLE t (v d);",
            "INSERT INTO t VALUES (3)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_function_that_other_definitions_call_gets_another_argument_name() {
    let with = |argument: &str, rest: &str| {
        format!(
            "CREATE FUNCTION f({argument} int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 10'; {rest}"
        )
    };
    let both = |name, rest: &str, rows| pair(name, with("a", rest), with("b", rest), rows);
    check(&[
        both(
            "a table's default, check and index",
            "CREATE TABLE t (a int DEFAULT f(1) CHECK (f(a) < 9)); CREATE INDEX t_f ON t (f(a));",
            "INSERT INTO t VALUES (3)",
        ),
        both(
            "a generated column",
            "CREATE TABLE t (a int, g int GENERATED ALWAYS AS (f(a)) STORED);",
            "INSERT INTO t VALUES (3)",
        ),
        both(
            "the key of a partitioned table",
            "CREATE TABLE p (a int) PARTITION BY RANGE (f(a)); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);",
            "INSERT INTO p VALUES (3), (14)",
        ),
        both(
            "a policy, statistics and a function",
            "CREATE TABLE t (a int, b int); CREATE POLICY o ON t USING (f(a) = 1); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
             CREATE STATISTICS s ON f(a), b FROM t; CREATE FUNCTION g(x int) RETURNS int LANGUAGE sql RETURN f(x);",
            "INSERT INTO t VALUES (3)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_range_type_in_use_is_made_anew() {
    check(&[
        pair(
            "another subtype",
            "CREATE TYPE r AS RANGE (SUBTYPE = int4); CREATE TABLE t (id int, v r DEFAULT '[1,2)', m r_multirange, a r[]);
             CREATE INDEX t_v ON t USING gist (v); COMMENT ON TYPE r IS 'a range';",
            "CREATE TYPE r AS RANGE (SUBTYPE = int8); CREATE TABLE t (id int, v r DEFAULT '[1,2)', m r_multirange, a r[]);
             CREATE INDEX t_v ON t USING gist (v); COMMENT ON TYPE r IS 'a range';",
            "INSERT INTO t VALUES (1, '[1,5)', '{[1,2),[3,4)}', ARRAY['[1,2)'::r])",
        ),
        pair(
            "the same subtype with another function",
            "CREATE FUNCTION diff(a float8, b float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
             CREATE TYPE floatrange AS RANGE (SUBTYPE = float8); CREATE TABLE t (v floatrange);",
            "CREATE FUNCTION diff(a float8, b float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
             CREATE TYPE floatrange AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = diff); CREATE TABLE t (v floatrange);",
            "INSERT INTO t VALUES ('[1,5)')",
        ),
        pair(
            "a collation, and a function that takes it",
            "CREATE TYPE r AS RANGE (SUBTYPE = text); CREATE TABLE t (v r);
             CREATE FUNCTION f(x r) RETURNS boolean LANGUAGE sql AS 'SELECT isempty($1)';
             CREATE VIEW w AS SELECT f(v), lower(v) FROM t;",
            "CREATE TYPE r AS RANGE (SUBTYPE = text, COLLATION = \"C\"); CREATE TABLE t (v r);
             CREATE FUNCTION f(x r) RETURNS boolean LANGUAGE sql AS 'SELECT isempty($1)';
             CREATE VIEW w AS SELECT f(v), lower(v) FROM t;",
            "INSERT INTO t VALUES ('[a,b)')",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_key_is_taken_from_an_index_and_given_back() {
    check(&[
        pair(
            "of another name, over a column that refuses NULL",
            "CREATE TABLE t (id int NOT NULL, v text); CREATE UNIQUE INDEX t_ix ON t (id);",
            "CREATE TABLE t (id int PRIMARY KEY, v text);",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
        ),
        pair(
            "over a column that takes NULL",
            "CREATE TABLE t (id int, v text); CREATE UNIQUE INDEX t_ix ON t (id);",
            "CREATE TABLE t (id int PRIMARY KEY, v text);",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
        ),
        pair(
            "of the name that it had",
            "CREATE TABLE t (id int, v text); CREATE UNIQUE INDEX t_ix ON t (id, v);",
            "CREATE TABLE t (id int NOT NULL, v text NOT NULL); CREATE UNIQUE INDEX t_ix ON t (id, v);
             ALTER TABLE t ADD CONSTRAINT t_ix PRIMARY KEY USING INDEX t_ix;",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
        ),
        pair(
            "that a foreign key rests on",
            "CREATE TABLE t (id int NOT NULL); CREATE UNIQUE INDEX t_ix ON t (id); CREATE TABLE u (t int REFERENCES t (id));",
            "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (t int REFERENCES t (id));",
            "INSERT INTO t VALUES (1), (2); INSERT INTO u VALUES (1)",
        ),
        pair(
            "with a comment, that identifies rows",
            "CREATE TABLE t (id int NOT NULL, v text); CREATE UNIQUE INDEX t_ix ON t (id);
             ALTER TABLE t REPLICA IDENTITY USING INDEX t_ix; COMMENT ON INDEX t_ix IS 'ids';",
            "CREATE TABLE t (id int NOT NULL, v text); CREATE UNIQUE INDEX t_ix ON t (id);
             ALTER TABLE t ADD CONSTRAINT t_ix PRIMARY KEY USING INDEX t_ix; ALTER TABLE t REPLICA IDENTITY USING INDEX t_ix;",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
        ),
        pair(
            "unique, not primary, with further columns",
            "CREATE TABLE t (id int, v text); CREATE UNIQUE INDEX t_ix ON t (id) INCLUDE (v);",
            "CREATE TABLE t (id int, v text, CONSTRAINT t_uq UNIQUE (id) INCLUDE (v) DEFERRABLE);",
            "INSERT INTO t VALUES (1, 'a'), (NULL, 'b')",
        ),
    ])
    .await;
}

#[tokio::test]
async fn keys_of_single_partitions_stand_beside_a_matching_index_of_the_table() {
    const TABLE: &str = "CREATE TABLE p (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (k);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);";
    let with = |rest: &str| format!("{TABLE}{rest}");
    let rows = "INSERT INTO p SELECT n, n FROM generate_series(1, 19) n";
    let keys = "ALTER TABLE p1 ADD PRIMARY KEY (id, k); ALTER TABLE p2 ADD UNIQUE (id, k);";
    check(&[
        pair("keys come", with(""), with(keys), rows),
        pair(
            "an index comes that could take them",
            with(keys),
            with(&format!("{keys} CREATE UNIQUE INDEX p_ix ON ONLY p (id, k);")),
            rows,
        ),
        pair(
            "an index has one of them as its part",
            with(keys),
            with(&format!(
                "{keys} CREATE UNIQUE INDEX p_ix ON ONLY p (id, k); ALTER INDEX p_ix ATTACH PARTITION p1_pkey;"
            )),
            rows,
        ),
        pair(
            "an index has both as its parts",
            with(keys),
            with(&format!(
                "{keys} CREATE UNIQUE INDEX p_ix ON ONLY p (id, k); ALTER INDEX p_ix ATTACH PARTITION p1_pkey;
                 ALTER INDEX p_ix ATTACH PARTITION p2_id_k_key;"
            )),
            rows,
        ),
        pair(
            "the index and the keys come together",
            with(""),
            with(&format!(
                "{keys} CREATE UNIQUE INDEX p_ix ON ONLY p (id, k); ALTER INDEX p_ix ATTACH PARTITION p1_pkey;
                 ALTER INDEX p_ix ATTACH PARTITION p2_id_k_key;"
            )),
            rows,
        ),
        pair(
            "a key of one partition beside an index whose parts are others",
            with("CREATE UNIQUE INDEX p_ix ON p (id, k);"),
            with("CREATE UNIQUE INDEX p_ix ON p (id, k); ALTER TABLE p1 ADD CONSTRAINT own PRIMARY KEY (id, k);"),
            rows,
        ),
        pair(
            "a key of one partition before the table's index",
            with("ALTER TABLE p1 ADD CONSTRAINT own PRIMARY KEY (id, k);"),
            with("ALTER TABLE p1 ADD CONSTRAINT own PRIMARY KEY (id, k); CREATE UNIQUE INDEX p_ix ON p (id, k);"),
            rows,
        ),
    ])
    .await;
}

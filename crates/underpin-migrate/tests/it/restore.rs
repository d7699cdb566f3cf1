//! Down with a quarantine, up, and the data is back as it was.

use crate::support::{Project, text};
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_migrate::{DataLoss, Error, Restored, Target};

/// What stands beside what the cases drop and make again.
const BEFORE: &str = "\
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'glad');
CREATE TABLE app.owners (id int PRIMARY KEY);
INSERT INTO app.owners VALUES (1), (2);
CREATE FUNCTION rows_of(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
    EXECUTE format('SELECT string_agg(t::text, '' '' ORDER BY t::text COLLATE \"C\") FROM %s AS t', relation) INTO found;
    RETURN relation || ' ' || coalesce(found, '');
END $$;";

/// A name, the way there, the rows, the way back.
const CIRCLES: [(&str, &str, &str, &str); 20] = [
    (
        "a table with a key, an identity, a default and a generated column",
        "CREATE TABLE app.t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED,
                             at timestamptz DEFAULT now())",
        "INSERT INTO app.t (a, at) VALUES (1, '2020-01-01'), (NULL, NULL), (3, '2021-01-01')",
        "DROP TABLE app.t",
    ),
    (
        "a table without a key, with equal rows",
        "CREATE TABLE app.t (a int, b json)",
        "INSERT INTO app.t VALUES (1, '{}'), (1, '{}'), (NULL, NULL)",
        "DROP TABLE app.t",
    ),
    (
        "a table that refers to another one that is dropped, too",
        "CREATE TABLE app.parent (id int PRIMARY KEY, up int REFERENCES app.parent);
         CREATE TABLE app.t (id int PRIMARY KEY, parent int NOT NULL REFERENCES app.parent)",
        "INSERT INTO app.parent VALUES (1, NULL), (2, 1); INSERT INTO app.t VALUES (10, 1), (20, 2)",
        "DROP TABLE app.t; DROP TABLE app.parent",
    ),
    (
        "a partitioned table",
        "CREATE TABLE app.t (id int, at date) PARTITION BY RANGE (at);
         CREATE TABLE app.t_1 PARTITION OF app.t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
         CREATE TABLE app.t_2 PARTITION OF app.t FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "INSERT INTO app.t VALUES (1, '2024-05-01'), (2, '2025-05-01')",
        "DROP TABLE app.t",
    ),
    (
        "a table of types that go with it",
        "CREATE TYPE app.size AS ENUM ('s', 'l'); CREATE DOMAIN app.short AS varchar(3);
         CREATE TABLE app.t (id int PRIMARY KEY, s app.size, all_s app.size[], d app.short)",
        "INSERT INTO app.t VALUES (1, 's', '{s,l}', 'abc'), (2, NULL, NULL, NULL)",
        "DROP TABLE app.t; DROP DOMAIN app.short; DROP TYPE app.size",
    ),
    (
        "rows that are truncated",
        "CREATE TABLE app.t (\"a b\" int); ",
        "INSERT INTO app.t VALUES (1), (2)",
        "TRUNCATE app.t; DROP TABLE app.t",
    ),
    (
        "a schema with its tables",
        "CREATE SCHEMA other; CREATE TABLE other.\"T\" (id int PRIMARY KEY); CREATE TABLE other.u (a text)",
        "INSERT INTO other.\"T\" VALUES (1); INSERT INTO other.u VALUES ('x'), ('y')",
        "DROP SCHEMA other CASCADE",
    ),
    (
        "a column, with a composite key",
        "ALTER TABLE app.kept ADD COLUMN c app.mood",
        "UPDATE app.kept SET c = 'glad' WHERE b = 'x'",
        "ALTER TABLE app.kept DROP COLUMN c",
    ),
    (
        "a column with a default, which some rows do not have",
        "ALTER TABLE app.kept ADD COLUMN c int DEFAULT 7",
        "UPDATE app.kept SET c = CASE b WHEN 'x' THEN 9 END",
        "ALTER TABLE app.kept DROP COLUMN c",
    ),
    (
        "two columns of a table without a key, with rows that nothing else tells apart",
        "ALTER TABLE app.heap ADD COLUMN c int, ADD COLUMN d text",
        "UPDATE app.heap AS h SET c = n.n, d = 'd' || n.n FROM (SELECT ctid AS at, row_number() OVER () AS n FROM app.heap) AS n WHERE h.ctid = n.at",
        "ALTER TABLE app.heap DROP COLUMN c, DROP COLUMN d",
    ),
    (
        "the same in two statements",
        "ALTER TABLE app.heap ADD COLUMN c int, ADD COLUMN d text",
        "UPDATE app.heap AS h SET c = n.n, d = 'd' || n.n FROM (SELECT ctid AS at, row_number() OVER () AS n FROM app.heap) AS n WHERE h.ctid = n.at",
        "ALTER TABLE app.heap DROP COLUMN c; ALTER TABLE app.heap DROP COLUMN d",
    ),
    (
        "an identity that is the key",
        "ALTER TABLE app.heap ADD COLUMN c int GENERATED ALWAYS AS IDENTITY (START 10) PRIMARY KEY",
        "DELETE FROM app.heap WHERE c = 10; INSERT INTO app.heap VALUES (5), (5)",
        "ALTER TABLE app.heap DROP COLUMN c",
    ),
    (
        "values that did not fit a type",
        "ALTER TABLE app.kept ALTER COLUMN v TYPE text",
        "UPDATE app.kept SET v = 'many' WHERE b = 'x'; UPDATE app.kept SET v = '2' WHERE b <> 'x'",
        "ALTER TABLE app.kept ALTER COLUMN v TYPE int USING CASE WHEN v = 'many' THEN 1000 ELSE v::int END",
    ),
    (
        "a column that children inherit",
        "ALTER TABLE app.base ADD COLUMN c text",
        "UPDATE app.base SET c = 'c' || id",
        "ALTER TABLE app.base DROP COLUMN c",
    ),
    (
        "a column of a partitioned table",
        "ALTER TABLE app.parts ADD COLUMN c text",
        "UPDATE app.parts SET c = 'c' || id",
        "ALTER TABLE app.parts DROP COLUMN c",
    ),
    (
        "a table with children",
        "CREATE TABLE app.t (id int); CREATE TABLE app.u (more text) INHERITS (app.t)",
        "INSERT INTO app.t VALUES (1), (2); INSERT INTO app.u VALUES (1, 'x'), (3, 'y')",
        "DROP TABLE app.t CASCADE",
    ),
    (
        "rows that a foreign key makes TRUNCATE take",
        "CREATE TABLE app.t (id int PRIMARY KEY); CREATE TABLE app.u (t int REFERENCES app.t, v text)",
        "INSERT INTO app.t VALUES (1); INSERT INTO app.u VALUES (NULL, 'x'), (1, 'y')",
        "TRUNCATE app.t CASCADE; DROP TABLE app.u; DROP TABLE app.t",
    ),
    (
        "an attribute of a type",
        "ALTER TYPE app.pair ADD ATTRIBUTE c text",
        "UPDATE app.paired SET p = ROW(1, 'c')",
        "ALTER TYPE app.pair DROP ATTRIBUTE c",
    ),
    (
        "a table with a long name of wide letters",
        "CREATE TABLE app.äääääääääääääääääääääääääääääää (id int); CREATE TABLE app.äääääääääääääääääääääääääääääääb (id int)",
        "INSERT INTO app.äääääääääääääääääääääääääääääää VALUES (1); INSERT INTO app.äääääääääääääääääääääääääääääääb VALUES (2)",
        "DROP TABLE app.äääääääääääääääääääääääääääääää, app.äääääääääääääääääääääääääääääääb",
    ),
    (
        "a column with a trigger on it",
        "ALTER TABLE app.kept ADD COLUMN c text;
         CREATE OR REPLACE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := 99; RETURN NEW; END';
         CREATE TRIGGER stamp BEFORE UPDATE ON app.kept FOR EACH ROW EXECUTE FUNCTION app.stamp();
         ALTER TABLE app.kept ENABLE ALWAYS TRIGGER stamp",
        "UPDATE app.kept SET c = 'c'",
        "DROP TRIGGER stamp ON app.kept; ALTER TABLE app.kept DROP COLUMN c",
    ),
];

const KEPT: &str = "\
CREATE TABLE app.kept (a int, b text, v int, PRIMARY KEY (a, b));
INSERT INTO app.kept VALUES (1, 'x', 1), (1, 'y', 2), (2, 'x', 3);
CREATE TABLE app.base (id int);
CREATE TABLE app.heir () INHERITS (app.base);
INSERT INTO app.base VALUES (1), (2);
INSERT INTO app.heir VALUES (1), (3);
CREATE TABLE app.parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.parts_2 PARTITION OF app.parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO app.parts VALUES (1, '2024-05-01'), (2, '2025-05-01');
CREATE TYPE app.pair AS (x int);
CREATE TABLE app.paired (id int PRIMARY KEY, p app.pair);
INSERT INTO app.paired VALUES (1, ROW(7));
CREATE TABLE app.heap (a int);
INSERT INTO app.heap VALUES (1), (1), (2), (NULL);";

/// All rows of all tables but the ledger's and the quarantine's, and the state of the triggers.
const ROWS: &str = "\
SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM (
    SELECT rows_of(c.oid)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('app', 'other')
    UNION ALL
    SELECT 'trigger ' || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal) AS t (line)";

async fn back_and_forth(project: &Project) {
    let migrator = project.migrator_with(|it| it.data_loss = DataLoss::Quarantine);
    let down = migrator
        .down(Target::Steps(std::num::NonZeroUsize::MIN))
        .await;
    down.unwrap_or_else(|error| panic!("{}", text(&error)));
    project
        .up()
        .await
        .unwrap_or_else(|error| panic!("{}", text(&error)));
}

async fn restore(project: &Project) -> Result<Vec<Restored>, Error> {
    let migrator = project.migrator();
    let kept = migrator.quarantined(Duration::ZERO).await.expect("kept");
    let tried = migrator.restorable(&kept).await?;
    let restored = migrator.restore(&kept).await?;
    assert_eq!(format!("{tried:?}"), format!("{restored:?}"));
    Ok(restored)
}

#[tokio::test]
async fn what_the_quarantine_keeps_comes_back_as_it_was() {
    let mut wrong = Vec::new();
    for (name, up, rows, down) in CIRCLES {
        let project = Project::new(&[
            ("1_before.up", BEFORE),
            ("2_kept.up", KEPT),
            ("3_it.up", up),
            ("3_it.down", down),
        ])
        .await;
        project
            .up()
            .await
            .unwrap_or_else(|error| panic!("{name}: {}", text(&error)));
        project.sql(rows).await;
        let before = project.ask(ROWS).await;
        back_and_forth(&project).await;
        assert_ne!(project.ask(ROWS).await, before, "{name}");
        match restore(&project).await {
            Err(error) => wrong.push(format!("{name}: {}", text(&error))),
            Ok(restored) => {
                let after = project.ask(ROWS).await;
                if after != before || restored.iter().any(|it| it.left > 0) {
                    wrong.push(format!(
                        "{name}: {restored:#?}\nbefore\n{before}\nafter\n{after}"
                    ));
                }
            }
        }
        assert_eq!(
            project
                .ask("SELECT count(*) FROM underpin.migration_quarantine")
                .await,
            "0",
            "{name}"
        );
        assert_eq!(
            project.ask("SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('underpin_quarantine')").await,
            "0",
            "{name}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const TABLE: [(&str, &str); 2] = [
    (
        "1_t.up",
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, n int NOT NULL)",
    ),
    ("1_t.down", "DROP TABLE t"),
];

#[tokio::test]
async fn rows_that_do_not_fit_any_more_stay_and_the_sequence_goes_on_after_the_others() {
    let project = Project::new(&TABLE).await;
    project.up().await.expect("up");
    project
        .sql("INSERT INTO t (code, n) VALUES ('a', 1), ('b', 2), ('c', 3)")
        .await;
    back_and_forth(&project).await;
    project.sql("INSERT INTO t (code, n) VALUES ('b', 8)").await;
    let restored = restore(&project).await.expect("restored");
    let it = &restored[0];
    assert_eq!((it.restored, it.left), (1, 2), "{it:?}");
    assert!(
        it.reason
            .as_ref()
            .is_some_and(|it| it.contains("unique constraint")),
        "{it:?}"
    );
    assert_eq!(
        project
            .ask("SELECT string_agg(id || code, ' ' ORDER BY id) FROM t")
            .await,
        "1b 3c"
    );
    let kept = project
        .migrator()
        .quarantined(Duration::ZERO)
        .await
        .expect("kept");
    assert_eq!(kept[0].rows, 2);
    project
        .sql("INSERT INTO t (code, n) VALUES ('d', 4); DELETE FROM t WHERE id = 1")
        .await;
    assert_eq!(
        project.ask("SELECT max(id) FROM t").await,
        "4",
        "not a number that came back"
    );
    assert_eq!(restore(&project).await.expect("again")[0].restored, 2);
    assert!(restore(&project).await.expect("nothing").is_empty());
}

#[tokio::test]
async fn values_find_their_rows_by_key_and_say_what_they_replace() {
    let project = Project::new(&[
        (
            "1_t.up",
            "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)",
        ),
        ("2_c.up", "ALTER TABLE t ADD COLUMN c int CHECK (c < 100)"),
        ("2_c.down", "ALTER TABLE t DROP COLUMN c"),
    ])
    .await;
    project.up().await.expect("up");
    project.sql("UPDATE t SET c = id * 10").await;
    back_and_forth(&project).await;
    project
        .sql("UPDATE t SET c = 5 WHERE id = 1; DELETE FROM t WHERE id = 3")
        .await;
    let it = &restore(&project).await.expect("restored")[0];
    assert_eq!((it.restored, it.replaced, it.left), (2, 1, 1), "{it:?}");
    assert_eq!(it.reason, None);
    assert_eq!(
        project
            .ask("SELECT string_agg(id || ':' || c, ' ' ORDER BY id) FROM t")
            .await,
        "1:10 2:20"
    );
}

#[tokio::test]
async fn without_its_table_or_column_nothing_comes_back_and_the_next_step_is_told() {
    let project = Project::new(&TABLE).await;
    project.up().await.expect("up");
    project.sql("INSERT INTO t (code, n) VALUES ('a', 1)").await;
    let migrator = project.migrator_with(|it| it.data_loss = DataLoss::Quarantine);
    migrator.down(Target::All).await.expect("down");
    let refused = async |expected: &str, hint: &str| {
        let error = restore(&project).await.expect_err(expected);
        assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
        assert!(error.to_string().contains(expected), "{}", text(&error));
        assert!(
            error.hint().is_some_and(|it| it.contains(hint)),
            "{error:?}"
        );
    };
    refused("there is no table public.t", "`underpin migrate up`").await;
    project
        .sql("CREATE TABLE public.t (id int, code text)")
        .await;
    refused("table t has no column n", "`underpin migrate up`").await;
    project
        .sql("DROP TABLE t; DROP SCHEMA underpin_quarantine CASCADE")
        .await;
    refused("is gone", "`underpin migrate purge`").await;
}

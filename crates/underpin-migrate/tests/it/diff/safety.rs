//! Plans that let others work, and plans that are refused.

use super::support::{Server, all, go, sql};
use underpin_core::{Chain, ErrorKind};
use underpin_migrate::diff::{Allowed, Route, Source, SqlFile, Step, difference};
use underpin_migrate::lint;

const OLD: &str = "CREATE TABLE users (id int PRIMARY KEY, email text, team int);
    CREATE TABLE teams (id int PRIMARY KEY);
    CREATE INDEX users_team ON users (team);";

const NEW: &str = "CREATE TABLE teams (id int PRIMARY KEY);
    CREATE TABLE users (
        id int PRIMARY KEY,
        email text NOT NULL CONSTRAINT users_email_key UNIQUE,
        team int CONSTRAINT users_team_fkey REFERENCES teams,
        CONSTRAINT users_email_check CHECK (email <> '')
    );
    CREATE INDEX users_team ON users (team, id);";

#[tokio::test]
async fn changes_of_existing_tables_take_no_lock_for_long() {
    let server = Server::start().await;
    let found = server
        .difference(OLD, NEW, &Allowed::default())
        .await
        .expect("a way");
    let told = found.up.to_string();
    for expected in [
        "CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON public.users (email)",
        "ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key",
        "FOREIGN KEY (team) REFERENCES public.teams (id) NOT VALID",
        "VALIDATE CONSTRAINT users_team_fkey",
        "CHECK ((email <> ''::text)) NOT VALID",
        "VALIDATE CONSTRAINT users_email_check",
        "CHECK (email IS NOT NULL) NOT VALID",
        "CREATE INDEX CONCURRENTLY users_team__new ON public.users (team, id)",
        "ALTER INDEX public.users_team__new RENAME TO users_team",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    let work = server.database("work").await;
    work.batch(OLD).await.expect("loaded");
    work.batch("INSERT INTO users VALUES (1, 'a@b', NULL)")
        .await
        .expect("a row");
    go(&work, &found.up).await.expect("there");
}

#[tokio::test]
async fn an_index_becomes_a_key_without_being_built_and_a_key_goes_when_its_index_is_there() {
    let server = Server::start().await;
    let (from, to) = (
        "CREATE TABLE t (a int); CREATE UNIQUE INDEX t_a ON t (a)",
        "CREATE TABLE t (a int CONSTRAINT t_a UNIQUE)",
    );
    let found = server.difference(from, to, &Allowed::default()).await;
    let found = found.expect("a way");
    let statements = |route: &Route| -> Vec<String> {
        let steps = route.steps.iter();
        steps.map(|step| step.sql.clone()).collect()
    };
    assert_eq!(
        statements(&found.up),
        ["ALTER TABLE public.t ADD CONSTRAINT t_a UNIQUE USING INDEX t_a"]
    );
    assert_eq!(
        statements(&found.down),
        [
            "CREATE UNIQUE INDEX CONCURRENTLY t_a__new ON public.t (a)",
            "ALTER TABLE public.t DROP CONSTRAINT t_a",
            "ALTER INDEX public.t_a__new RENAME TO t_a",
        ]
    );
}

#[tokio::test]
async fn what_is_lost_is_named_with_the_rule_that_allows_it() {
    let server = Server::start().await;
    let (from, to) = (
        "CREATE TABLE a (x int); CREATE TABLE b (x int, y int)",
        "CREATE TABLE b (x int)",
    );
    let found = server
        .difference(from, to, &Allowed::default())
        .await
        .expect("a way");
    let error = found
        .up
        .check(&Allowed::default())
        .expect_err("rows are lost");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        error.to_string().contains("all rows of public.a"),
        "{error}"
    );
    assert!(
        error.to_string().contains("all values of public.b.y"),
        "{error}"
    );
    let rules = |names: &[&str]| Allowed {
        rules: names
            .iter()
            .flat_map(|name| lint::rule(name).expect("a rule"))
            .collect(),
        ..Allowed::default()
    };
    found
        .up
        .check(&rules(&["rule30"]))
        .expect_err("the column is not allowed yet");
    found
        .up
        .check(&rules(&["ban-drop-table", "rule18"]))
        .expect("both are allowed");
    found.up.check(&all()).expect("all is allowed");
    found
        .down
        .check(&Allowed::default())
        .expect("nothing is lost on the way back");
}

#[tokio::test]
async fn a_type_without_a_cast_is_refused_with_the_way_around() {
    let server = Server::start().await;
    let error = server
        .difference("CREATE TABLE t (a int)", "CREATE TABLE t (a inet)", &all())
        .await
        .expect_err("there is no cast");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        error
            .to_string()
            .starts_with("there is no way for column public.t.a"),
        "{error}"
    );
    assert!(error.hint().expect("a hint").contains("--empty"));
}

#[tokio::test]
async fn a_table_that_is_to_give_up_its_columns_to_a_parent_is_refused_with_the_way_around() {
    let server = Server::start().await;
    let alone = "CREATE TABLE p (a int); CREATE TABLE c (a int, z int)";
    let below = "CREATE TABLE p (a int); CREATE TABLE c (z int) INHERITS (p)";
    for (from, to) in [(alone, below), (below, alone)] {
        let refused = server.difference(from, to, &all()).await;
        let refused = refused.expect_err("columns stay a table's own");
        assert_eq!(refused.kind(), ErrorKind::Refused);
    }
    let declared = "CREATE TABLE p (a int); CREATE TABLE c (a int, z int) INHERITS (p)";
    let found = server.difference(alone, declared, &all()).await;
    found.expect("the way around");
}

#[tokio::test]
async fn an_enum_loses_a_label_that_no_row_uses() {
    let server = Server::start().await;
    let from = "CREATE TYPE mood AS ENUM ('glad', 'sad', 'odd');
        CREATE TABLE t (m mood NOT NULL DEFAULT 'sad', many mood[], CHECK (m <> 'glad'));
        CREATE VIEW v AS SELECT m FROM t WHERE m > 'glad'";
    let to = from.replace(", 'odd'", "");
    let found = server
        .difference(from, &to, &Allowed::default())
        .await
        .expect("a way");
    let work = server.database("work").await;
    work.batch(from).await.expect("loaded");
    work.batch("INSERT INTO t VALUES ('sad', '{glad,sad}')")
        .await
        .expect("a row");
    go(&work, &found.up).await.expect("there");
    go(&work, &found.down).await.expect("back");
    work.batch("INSERT INTO t VALUES ('odd', NULL)")
        .await
        .expect("a row");
    let error = go(&work, &found.up)
        .await
        .expect_err("a row uses the label");
    assert!(error.contains("(SQLSTATE 22P02)"), "{error}");
}

#[tokio::test]
async fn rows_of_a_live_database_that_a_plan_would_fail_on_are_found_first() {
    let server = Server::start().await;
    let live = server.database("live").await;
    live.batch("CREATE TABLE t (a int); INSERT INTO t VALUES (NULL)")
        .await
        .expect("a row");
    let scratch = server.scratch().await;
    let from = Source::Database(Box::new(server.options("live")));
    for (to, expected) in [
        (
            "CREATE TABLE t (a int, b int NOT NULL)",
            "public.t has rows, and b refuses NULL",
        ),
        (
            "CREATE TABLE t (a int NOT NULL)",
            "public.t has rows in which a is NULL",
        ),
    ] {
        let found = difference(&scratch, &from, &sql("to.sql", to), &all()).await;
        let error = found.expect_err("a row is in the way");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
}

#[tokio::test]
async fn values_that_a_new_type_has_no_place_for_are_counted() {
    let server = Server::start().await;
    let live = server.database("live").await;
    live.batch(
        "CREATE TYPE mood AS ENUM ('calm', 'glad', 'sad'); \
         CREATE TABLE t (n numeric(10,2), s text, d double precision, at timestamptz, m mood, ms mood[], big bigint, i int); \
         INSERT INTO t VALUES \
            (1.5, 'long enough', 0.1, '2024-01-01 10:00Z', 'sad', '{calm,sad}', 5000000000, 1), \
            (2, 'ok', 0.5, '2024-01-01 00:00Z', 'calm', '{calm}', 1, 2)",
    )
    .await
    .expect("values");
    let to = "CREATE TYPE mood AS ENUM ('calm', 'glad'); \
              CREATE TABLE t (n int, s varchar(5), d real, at date, m mood, ms mood[], big int, i bigint);";
    let scratch = server.scratch().await;
    let from = Source::Database(Box::new(server.options("live")));
    let found = difference(&scratch, &from, &sql("to.sql", to), &all()).await;
    scratch.close().await.expect("closed");
    let up = found.expect("a way").up;
    let hazards = up.steps.iter().filter_map(|step| step.hazard.as_ref());
    let mut told: Vec<_> = hazards.map(|it| (it.rule, it.loses.as_str())).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            (
                "changing-column-type",
                "1 value of public.t.at that does not fit date"
            ),
            (
                "changing-column-type",
                "1 value of public.t.big that does not fit integer"
            ),
            (
                "changing-column-type",
                "1 value of public.t.d that does not fit real"
            ),
            (
                "changing-column-type",
                "1 value of public.t.n that does not fit integer"
            ),
            (
                "changing-column-type",
                "1 value of public.t.s that does not fit character varying(5)"
            ),
            ("removing-enum-value", "1 value of public.t.m that is sad"),
            ("removing-enum-value", "1 value of public.t.ms that is sad"),
        ]
    );
    let error = up.check(&Allowed::default()).expect_err("values are lost");
    assert_eq!(error.kind(), ErrorKind::Refused);
    for told in [
        "fail on 1 value of public.t.s that does not fit character varying(5)",
        "lose 1 value of public.t.",
    ] {
        assert!(error.to_string().contains(told), "{error}");
    }
    let hint = error.hint().unwrap_or_default();
    assert!(
        hint.contains("--allow changing-column-type --allow removing-enum-value"),
        "{hint}"
    );
}

#[tokio::test]
async fn what_a_live_database_would_lose_is_counted() {
    let server = Server::start().await;
    let live = server.database("live").await;
    live.batch("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL); CREATE TABLE u AS SELECT FROM t")
        .await
        .expect("rows");
    let scratch = server.scratch().await;
    let from = Source::Database(Box::new(server.options("live")));
    let found = difference(
        &scratch,
        &from,
        &sql("to.sql", "CREATE TABLE t (a int)"),
        &all(),
    )
    .await;
    let error = found
        .expect("a way")
        .up
        .check(&Allowed::default())
        .expect_err("rows are lost");
    for expected in ["1 value of public.t.b", "2 rows of public.u"] {
        assert!(error.to_string().contains(expected), "{error}");
    }
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
}

#[tokio::test]
async fn a_default_that_differs_from_row_to_row_is_filled_in_batches() {
    let server = Server::start().await;
    let from = "CREATE TABLE t (a int); CREATE TABLE watched (a int);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        CREATE TRIGGER w BEFORE UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION f()";
    let to = from
        .replace("t (a int)", "t (a int, token uuid DEFAULT gen_random_uuid() NOT NULL, at timestamptz DEFAULT now())")
        .replace("watched (a int)", "watched (a int, token uuid DEFAULT gen_random_uuid())");
    let found = server
        .difference(from, &to, &Allowed::default())
        .await
        .expect("a way");
    let told = found.up.to_string();
    for expected in [
        "ALTER TABLE public.t ADD COLUMN token uuid;",
        "ALTER COLUMN token SET DEFAULT gen_random_uuid();",
        "-- outside a transaction\nDO $$",
        "CHECK (token IS NOT NULL) NOT VALID;",
        "ADD COLUMN at timestamp with time zone DEFAULT now();",
        "-- writes every row again while nobody reads or writes, as triggers",
        "ALTER TABLE public.watched ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    let work = server.database("work").await;
    work.batch(from).await.expect("loaded");
    work.batch("INSERT INTO t SELECT generate_series(1, 300000)")
        .await
        .expect("rows");
    go(&work, &found.up).await.expect("there");
    let sql = "SELECT count(DISTINCT token) FROM t";
    let row = work.query_one(sql, &[]).await.expect("a number");
    assert_eq!(row.get::<i64>(0).expect("a number"), 300_000);
}

#[tokio::test]
async fn a_plan_that_ended_after_any_of_its_statements_is_planned_again_and_goes_on() {
    let server = Server::start().await;
    let old = "CREATE TABLE users (id int, email text, team int); CREATE INDEX users_team ON users (team);";
    let new = old
        .replace("email text", "email text NOT NULL")
        .replace("(team)", "(team, id)");
    server
        .database("goal")
        .await
        .batch(&new)
        .await
        .expect("loaded");
    let goal = server.schema("goal").await;
    let found = server.difference(old, &new, &all()).await.expect("a way");
    let scratch = server.scratch().await;
    for done in 1..found.up.steps.len() {
        let work = server.database("work").await;
        work.batch(old).await.expect("loaded");
        let mut first = found.up.clone();
        first.steps.truncate(done);
        go(&work, &first).await.expect("the first statements");
        let from = Source::Database(Box::new(server.options("work")));
        let to = Source::Files(vec![SqlFile::new("new.sql", new.clone())]);
        let again = difference(&scratch, &from, &to, &all()).await;
        let again = again.unwrap_or_else(|error| panic!("{done}: {}", Chain(&error)));
        let is_building = |it: &Step| it.sql.starts_with("CREATE INDEX CONCURRENTLY");
        let is_built = first.steps.iter().any(is_building);
        assert!(
            !is_built || !again.up.steps.iter().any(is_building),
            "{done}: {}",
            again.up
        );
        go(&work, &again.up).await.expect("the rest");
        assert_eq!(server.schema("work").await, goal, "{done}");
    }
    scratch.close().await.expect("closed");
}

#[tokio::test]
async fn a_name_that_somebody_uses_is_not_taken_for_an_index_in_between() {
    let server = Server::start().await;
    for own in [
        "CREATE INDEX users_team__new ON users (email)",
        "CREATE TABLE users_team__new (a int)",
        "CREATE VIEW users_team__new AS SELECT 1 AS a",
        "CREATE SEQUENCE users_team__new",
        "CREATE TYPE users_team__new AS (a int)",
    ] {
        let (from, to) = (format!("{OLD}\n{own};"), format!("{NEW}\n{own};"));
        let found = server.difference(&from, &to, &all()).await;
        let found = found.unwrap_or_else(|error| panic!("{own}: {}", Chain(&error)));
        let told = found.up.to_string();
        assert!(told.contains("users_team__new2"), "{own}: {told}");
    }
}

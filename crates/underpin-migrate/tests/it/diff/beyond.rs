//! What no plan makes: named, held against the other side, and never taken for equal.

use super::support::{Server, all, go, sql};
use underpin_core::{Chain, ErrorKind};
use underpin_migrate::diff::{
    Allowed, Difference, NotCompared, Source, Standing, difference, pieces,
};

const TABLE: &str = "CREATE TABLE notes (id integer, title text);";
const OBJECTS: &str = "
    CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION watch();
    CREATE PUBLICATION told FOR TABLE notes;
    CREATE FOREIGN DATA WRAPPER nowhere;
    CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
    CREATE FOREIGN TABLE there (id integer) SERVER far;
    CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);";
/// Each needs one of them.
const NEEDING: &str = "
    ALTER TABLE notes ADD CONSTRAINT same CHECK (title === title);
    CREATE VIEW seen AS SELECT id FROM there;
    CREATE VIEW seen_again AS SELECT id FROM seen;
    CREATE INDEX found ON notes USING gin (to_tsvector('public.words', title));
    CREATE TYPE shape AS (side integer);
    CREATE TABLE squares OF shape;
    CREATE TABLE of_squares (square integer);";

async fn between(server: &Server, from: &Source, to: &Source) -> Difference {
    let scratch = server.scratch().await;
    let found = difference(&scratch, from, to, &all()).await;
    scratch.close().await.expect("closed");
    found.unwrap_or_else(|error| panic!("{}", Chain(&error)))
}

async fn live(server: &Server, name: &str, script: &str) -> Source {
    let session = server.database(name).await;
    session
        .batch(script)
        .await
        .unwrap_or_else(|error| panic!("{}", Chain(&error)));
    Source::Database(Box::new(server.options(name)))
}

fn objects(all: &[NotCompared], standing: &Standing) -> Vec<String> {
    let of = all.iter().filter(|it| it.standing == *standing);
    of.map(|it| it.object.clone()).collect()
}

#[tokio::test]
async fn a_live_database_with_all_of_it_equals_itself_and_files_that_make_the_same() {
    let server = Server::start().await;
    let script = format!("{TABLE}{OBJECTS}{NEEDING}");
    let one = live(&server, "one", &script).await;
    let found = between(&server, &one, &one).await;
    assert!(found.is_equal(), "{found:?}");
    let found = between(&server, &one, &sql("same.sql", &script)).await;
    assert!(found.is_equal(), "{found:?}");
    let found = between(&server, &sql("same.sql", &script), &one).await;
    assert!(found.is_equal(), "{found:?}");
}

#[tokio::test]
async fn what_only_a_live_database_has_is_named_and_everything_else_is_planned() {
    let server = Server::start().await;
    let one = live(&server, "one", &format!("{TABLE}{OBJECTS}{NEEDING}")).await;
    let target = "CREATE TABLE notes (id integer, title text, body text);";
    let found = between(&server, &one, &sql("to.sql", target)).await;
    let missing = objects(&found.not_compared, &Standing::OnlyInFrom);
    for object in [
        "constraint public.notes.same",
        "event trigger watch",
        "foreign table public.there",
        "index public.found",
        "operator public.===(pg_catalog.text,pg_catalog.text)",
        "publication told",
        "server far",
        "table public.squares",
        "text search configuration public.words",
        "view public.seen",
        "view public.seen_again",
    ] {
        assert!(
            missing.iter().any(|it| it == object),
            "{object}: {missing:#?}"
        );
    }
    assert!(!found.is_equal());
    // The rest of the way is gone on the database itself.
    let session = server.session("one").await;
    go(&session, &found.up).await.expect("a way");
    let again = between(&server, &one, &sql("to.sql", target)).await;
    assert!(again.is_empty(), "{}", again.up);
}

#[tokio::test]
async fn two_of_a_name_that_are_not_the_same_are_never_equal() {
    let server = Server::start().await;
    let here = "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
        CREATE PUBLICATION told;";
    let there = "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = textne);
        CREATE PUBLICATION told WITH (publish = 'insert');";
    let (one, other) = (
        live(&server, "one", here).await,
        live(&server, "other", there).await,
    );
    for (from, to) in [
        (&one, &other),
        (&one, &sql("to.sql", there)),
        (&sql("from.sql", here), &other),
        (&sql("from.sql", here), &sql("to.sql", there)),
    ] {
        let found = between(&server, from, to).await;
        assert!(found.is_empty() && !found.is_equal(), "{found:?}");
        let differs: Vec<_> = found.not_compared.iter().map(|it| &it.standing).collect();
        let columns = |it: &[&str]| Standing::Differs(it.iter().map(ToString::to_string).collect());
        assert_eq!(
            differs,
            [
                &columns(&["oprcode"]),
                &columns(&["pubdelete", "pubtruncate", "pubupdate"])
            ]
        );
        let told = found.not_compared[1].to_string();
        assert!(
            told.contains("publication told differs (pubdelete"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_migration_that_would_not_reach_its_target_is_refused() {
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let target = format!("{TABLE} CREATE PUBLICATION told;");
    let refused = pieces(
        &scratch,
        &sql("from.sql", ""),
        &sql("to.sql", &target),
        &Allowed::default(),
    )
    .await
    .expect_err("no plan makes a publication");
    scratch.close().await.expect("closed");
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(
        refused.to_string().starts_with("publication told"),
        "{refused}"
    );
    assert!(refused.hint().is_some_and(|it| it.contains("--empty")));
}

#[tokio::test]
async fn an_extension_that_the_scratch_server_cannot_make_is_left_out_with_what_needs_it() {
    let server = Server::start().await;
    // As a server with another set of extensions has it: the catalog knows one that is not offered here.
    let script = format!(
        "{TABLE}
         INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
             VALUES (99990, 'citus', 10, 'pg_catalog'::regnamespace, false, '12.1');
         CREATE FUNCTION spread(text) RETURNS void LANGUAGE sql AS '';
         INSERT INTO pg_depend VALUES ('pg_proc'::regclass, 'spread(text)'::regprocedure, 0, 'pg_extension'::regclass, 99990, 0, 'e');
         CREATE FUNCTION spread_all() RETURNS void LANGUAGE sql BEGIN ATOMIC SELECT spread('notes'); END;"
    );
    let one = live(&server, "one", &script).await;
    let target = "CREATE TABLE notes (id integer, title text, body text);";
    let found = between(&server, &one, &sql("to.sql", target)).await;
    let steps: Vec<_> = found.up.steps.iter().map(|it| it.sql.as_str()).collect();
    assert_eq!(steps, ["ALTER TABLE public.notes ADD COLUMN body text"]);
    let told: Vec<_> = found.not_compared.iter().map(ToString::to_string).collect();
    let extension = told.iter().find(|it| it.starts_with("extension citus"));
    let extension = extension.unwrap_or_else(|| panic!("{told:#?}"));
    assert!(extension.contains("--scratch"), "{extension}");
    let function = objects(&found.not_compared, &Standing::OnlyInFrom);
    assert_eq!(function, ["function public.spread_all()"]);

    // Nothing else differs: the same, as far as anybody knows.
    let without = "DROP FUNCTION spread_all()";
    server
        .session("one")
        .await
        .batch(without)
        .await
        .expect("dropped");
    let found = between(&server, &one, &sql("to.sql", TABLE)).await;
    assert!(found.is_equal(), "{found:?}");
    assert_eq!(found.not_compared.len(), 1, "{:?}", found.not_compared);
}

#[tokio::test]
async fn an_extension_that_files_need_and_the_scratch_server_lacks_is_named_with_what_to_do() {
    let server = Server::start().await;
    let error = server
        .difference("CREATE EXTENSION IF NOT EXISTS citus;", "", &all())
        .await
        .expect_err("it is not offered");
    assert!(error.to_string().starts_with("from.sql:1:1"), "{error}");
    assert!(
        error.hint().is_some_and(|it| it.contains("--scratch")),
        "{:?}",
        error.hint()
    );
}

//! Indexes that a failed concurrent build left INVALID.

use super::support::{Server, all, go, sql};
use underpin_core::Chain;
use underpin_migrate::diff::{Source, catalog, difference};

const WANTED: &str =
    "CREATE TABLE t (a int); CREATE UNIQUE INDEX t_a ON t (a); COMMENT ON INDEX t_a IS 'one each';";

#[tokio::test]
async fn an_invalid_index_is_named_and_built_again() {
    let server = Server::start().await;
    let work = server.database("live").await;
    work.batch("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
        .await
        .expect("rows");
    let failed = work
        .batch("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
        .await;
    failed.expect_err("there are duplicates");
    work.batch("COMMENT ON INDEX t_a IS 'one each'")
        .await
        .expect("a comment");
    let scratch = server.scratch().await;
    let live = Source::Database(Box::new(server.options("live")));
    let told = catalog(&scratch, &live).await.expect("readable").script();
    assert!(told.contains("-- INVALID where this was read"), "{told}");
    assert!(told.contains("index public.t_a"), "{told}");
    assert!(!told.contains(" ONLY "), "{told}");

    let found = difference(&scratch, &live, &sql("to.sql", WANTED), &all()).await;
    let found = found.unwrap_or_else(|error| panic!("a way: {}", Chain(&error)));
    let text = found.up.to_string();
    assert!(
        text.contains("REINDEX INDEX CONCURRENTLY public.t_a"),
        "{text}"
    );
    assert!(text.contains("INVALID"), "{text}");
    let back = difference(&scratch, &sql("from.sql", WANTED), &live, &all()).await;
    let back = back.unwrap_or_else(|error| panic!("a way: {}", Chain(&error)));
    assert!(
        back.down
            .to_string()
            .contains("REINDEX INDEX CONCURRENTLY public.t_a")
    );
    assert!(!back.is_empty());

    let gone = difference(
        &scratch,
        &live,
        &sql("to.sql", "CREATE TABLE t (a int)"),
        &all(),
    )
    .await;
    let gone = gone.unwrap_or_else(|error| panic!("a way: {}", Chain(&error)));
    assert!(gone.up.to_string().contains("DROP INDEX"), "{}", gone.up);
    assert!(!gone.up.to_string().contains("REINDEX"), "{}", gone.up);

    work.batch("DELETE FROM t").await.expect("no rows");
    go(&work, &found.up)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let same = difference(&scratch, &live, &sql("to.sql", WANTED), &all()).await;
    assert!(same.expect("readable").is_empty());
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
}

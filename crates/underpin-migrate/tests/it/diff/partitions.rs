//! Indexes and keys of partitioned tables with rows.

use super::support::{Server, all, go, sql};
use underpin_migrate::diff::{Allowed, pieces};

const OLD: &str =
    "CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
    CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
        PARTITION BY LIST (kind);
    CREATE TABLE events_2024_a PARTITION OF events_2024 FOR VALUES IN ('a');
    CREATE TABLE events_2024_other PARTITION OF events_2024 DEFAULT;";

const ADDED: &str = "CREATE INDEX events_kind ON events (kind);
    ALTER TABLE events ADD CONSTRAINT events_key UNIQUE (id, at, kind);";

const ROWS: &str = "INSERT INTO events
    SELECT n, date '2023-01-01' + n % 700, CASE n % 2 WHEN 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 1000) n";

#[tokio::test]
async fn an_index_over_filled_partitions_is_put_together_from_parts_built_beside_others() {
    let server = Server::start().await;
    let new = format!("{OLD}{ADDED}");
    let found = server.difference(OLD, &new, &Allowed::default()).await;
    let found = found.expect("a way");
    let told = found.up.to_string();
    for expected in [
        "CREATE INDEX events_kind ON ONLY public.events (kind);",
        "CREATE INDEX events_2024_kind_idx ON ONLY public.events_2024 (kind);",
        "CREATE INDEX CONCURRENTLY events_2023_kind_idx ON public.events_2023 (kind);",
        "CREATE INDEX CONCURRENTLY events_2024_a_kind_idx ON public.events_2024_a (kind);",
        "ALTER INDEX public.events_2024_kind_idx ATTACH PARTITION public.events_2024_a_kind_idx;",
        "ALTER INDEX public.events_kind ATTACH PARTITION public.events_2024_kind_idx;",
        "ALTER TABLE ONLY public.events ADD CONSTRAINT events_key UNIQUE (id, at, kind);",
        "CREATE UNIQUE INDEX CONCURRENTLY events_2023_id_at_kind_key ON public.events_2023 (id, at, kind);",
        "ADD CONSTRAINT events_2023_id_at_kind_key UNIQUE USING INDEX events_2023_id_at_kind_key;",
        "ALTER INDEX public.events_key ATTACH PARTITION public.events_2023_id_at_kind_key;",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    let work = server.database("work").await;
    work.batch(OLD).await.expect("loaded");
    work.batch(ROWS).await.expect("rows");
    go(&work, &found.up).await.expect("there");
    let goal = server.database("goal").await;
    goal.batch(&new).await.expect("loaded");
    assert_eq!(server.schema("work").await, server.schema("goal").await);
    go(&work, &found.down).await.expect("and back");
    goal.batch("DROP TABLE events").await.expect("dropped");
    goal.batch(OLD).await.expect("loaded");
    assert_eq!(server.schema("work").await, server.schema("goal").await);
}

#[tokio::test]
async fn an_index_of_partitions_that_are_new_is_made_with_them() {
    let server = Server::start().await;
    let found = server
        .difference("", &format!("{OLD}{ADDED}"), &all())
        .await
        .expect("a way");
    let told = found.up.to_string();
    for unexpected in [
        "ON ONLY",
        "TABLE ONLY public.events ADD",
        "CONCURRENTLY",
        "ALTER INDEX",
    ] {
        assert!(!told.contains(unexpected), "{unexpected}\n{told}");
    }
}

#[tokio::test]
async fn each_file_of_an_index_over_partitions_leads_back_to_where_it_began() {
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let new = format!("{OLD}{ADDED}");
    let pieces = pieces(
        &scratch,
        &sql("from.sql", OLD),
        &sql("to.sql", &new),
        &all(),
    )
    .await;
    let pieces = pieces.expect("a way");
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
    let work = server.database("work").await;
    work.batch(OLD).await.expect("loaded");
    work.batch(ROWS).await.expect("rows");
    let mut before = Vec::new();
    for piece in &pieces {
        before.push(server.schema("work").await);
        go(&work, &piece.up).await.expect("there");
    }
    for (piece, before) in pieces.iter().zip(before).rev() {
        go(&work, &piece.down).await.expect("back");
        assert_eq!(server.schema("work").await, before);
    }
}

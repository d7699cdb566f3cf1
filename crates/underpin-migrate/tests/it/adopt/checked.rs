//! After it was taken over, a database is what its migrations make.

use super::site::Site;
use underpin_migrate::Chain;
use underpin_migrate::adopt::Tool;
use underpin_migrate::check::{Outcome, Sides, check};
use underpin_migrate::diff::Scratch;

/// How the migrations stand to the database.
async fn outcome(site: &Site) -> Outcome {
    let sides = Sides {
        chain: Chain::from_dir("app", &site.ours("")).expect("valid"),
        others: Vec::new(),
        models: None,
        database: Some(site.db.options()),
    };
    let scratch = Scratch::open(site.db.options()).await.expect("a server");
    let mut checked = check(&scratch, &sides).await.expect("comparable");
    scratch.close().await.expect("closed");
    checked.comparisons.pop().expect("one pair").outcome
}

#[tokio::test]
async fn the_tools_own_table_is_not_taken_for_a_change_by_hand() {
    let site = Site::left_by(Tool::GolangMigrate).await;
    site.adopt().await.expect("taken over");
    assert!(matches!(outcome(&site).await, Outcome::Equal));
    site.sql("CREATE TABLE public.by_hand (id bigint)").await;
    let differing = outcome(&site).await;
    assert!(matches!(differing, Outcome::Differ(_)), "{differing:?}");
}

#[tokio::test]
async fn a_baseline_is_all_that_was_there_and_the_table_may_lie_elsewhere() {
    let site = Site::left_by(Tool::SeaOrm).await;
    let further = "CREATE SCHEMA tools; ALTER TABLE seaql_migrations SET SCHEMA tools;
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
        ALTER TABLE users ADD COLUMN mood mood, ADD CHECK (shout(name) <> '');
        CREATE VIEW moods AS SELECT mood, count(*) FROM users GROUP BY mood;
        CREATE TABLE visits (user_id bigint REFERENCES users ON DELETE CASCADE, at timestamptz) PARTITION BY RANGE (at);
        CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";
    site.sql(further).await;
    site.adopt().await.expect("taken over");
    assert!(matches!(outcome(&site).await, Outcome::Equal));
}

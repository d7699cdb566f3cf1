//! Random schemas: written into an empty database they are read back as they were.

use crate::random;
use crate::support::{difference, read, run_statements, wipe};
use std::time::{Duration, Instant};
use underpin_pool::Database;
use underpin_schema::create_sql;
use underpin_testkit::TestDb;

/// How many schemas are tried, unless time is over before: a loaded machine tries less.
const ROUNDS: usize = 60;
const TIME: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_random_schema_is_read_back_as_it_was_written() {
    let first = first_seed();
    let db = TestDb::empty().await;
    let start = Instant::now();
    for seed in (first..)
        .take(ROUNDS)
        .take_while(|_| start.elapsed() < TIME)
    {
        let schema = random::schema(seed, major(db.database()).await);
        wipe(db.database()).await;
        let statements = create_sql(&schema);
        let written = run_statements(db.database(), &statements).await;
        assert_eq!(written, Ok(()), "UNDERPIN_TEST_SEED={seed}");
        let found = read(db.database()).await;
        let lines = difference(&schema, &found.schema);
        assert_eq!(
            lines,
            None,
            "UNDERPIN_TEST_SEED={seed}\n{}",
            lines.clone().unwrap_or_default()
        );
        wipe(db.database()).await;
        let written = run_statements(db.database(), &found.create_sql()).await;
        assert_eq!(written, Ok(()), "UNDERPIN_TEST_SEED={seed}, as it was read");
        let again = read(db.database()).await;
        assert!(
            again == found,
            "UNDERPIN_TEST_SEED={seed}: dependencies differ after a second round"
        );
    }
}

pub(crate) async fn major(database: &Database) -> i32 {
    let sql = "SELECT current_setting('server_version_num')::int / 10000";
    let row = database.query_one(sql, &[]).await.expect("a server");
    row.get(0).expect("its version")
}

/// A new one each time; `UNDERPIN_TEST_SEED` repeats one that failed.
pub(crate) fn first_seed() -> u64 {
    given_seed().unwrap_or_else(|| u64::from(rand::random::<u32>()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told its seed, and has no Config"
)]
pub(crate) fn given_seed() -> Option<u64> {
    std::env::var("UNDERPIN_TEST_SEED").ok()?.parse().ok()
}

//! Futures that are dropped: after each possible number of polls, and in the middle of a long statement.

use crate::support::{DEADLINE, Project};
use std::time::{Duration, Instant};
use underpin_migrate::{State, Target};
use underpin_testkit::{cancel_after, wait_until};

/// More polls than a run of three statements can need.
const POLLS_MAX: usize = 2000;

/// awa and lakekeeper leaked their lock when `tokio::time::timeout` dropped the future of a sqlx run.
#[tokio::test]
async fn a_run_dropped_after_any_number_of_polls_leaves_the_lock_free_and_can_be_repeated() {
    let project = Project::new(&[]).await;
    project.up().await.expect("nothing to do");
    let mut polls = 0;
    loop {
        let name = format!("{}_m.up", polls + 1);
        project.write(&name, "SELECT 1; VACUUM; SELECT 3;");
        let done = cancel_after(polls, project.migrator().up(Target::All))
            .await
            .is_some();
        let status = project.up().await;
        status.unwrap_or_else(|error| {
            panic!("after {polls} polls: {}", crate::support::text(&error))
        });
        if done {
            break;
        }
        // Every poll at first, where connecting and locking happen; then with gaps, to end in good time.
        polls += 1 + polls / 16;
        assert!(polls < POLLS_MAX, "no run ended by itself");
    }
    println!("dropped after up to {polls} polls");
    assert!(
        project
            .states()
            .await
            .iter()
            .all(|state| *state == State::Applied)
    );
}

#[tokio::test]
async fn a_run_dropped_in_the_middle_of_a_statement_ends_it_on_the_server() {
    let project = Project::new(&[("1_slow.up", "SELECT pg_sleep(60);")]).await;
    let running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'";
    tokio::select! {
        _ = project.up() => panic!("it sleeps for a minute"),
        () = wait_until(DEADLINE, async || project.ask(running).await == "1") => {}
    }
    let dropped = Instant::now();
    project.write("1_slow.up", "SELECT 1;");
    project.up().await.expect("the lock is free");
    assert!(
        dropped.elapsed() < Duration::from_secs(10),
        "{:?}",
        dropped.elapsed()
    );
}

/// mockforge locked on one session of a pool and unlocked on another.
#[tokio::test]
async fn a_panic_while_migrating_frees_the_lock() {
    struct Panics;
    impl underpin_migrate::Progress for Panics {
        fn tell(&self, event: &underpin_migrate::Event<'_>) {
            assert!(
                !matches!(event, underpin_migrate::Event::Statement { .. }),
                "on purpose"
            );
        }
    }
    let project = Project::new(&[("1_m.up", "CREATE TABLE t (a int);")]).await;
    let migrator = project
        .migrator()
        .with_progress(std::sync::Arc::new(Panics));
    let panicked = tokio::task::LocalSet::new()
        .run_until(async move {
            tokio::task::spawn_local(async move { migrator.up(Target::All).await }).await
        })
        .await;
    assert!(panicked.is_err_and(|error| error.is_panic()));
    project.up().await.expect("the lock is free");
}

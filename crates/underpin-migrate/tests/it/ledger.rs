//! The ledger's own tables, from one version to the next.

use crate::support::{Project, text};
use std::time::Duration;
use underpin_migrate::{Direction, State, Target};

/// As the first version of Underpin made it.
const FIRST: &str = include_str!("../../src/ledger/schema.sql");

/// A database that the first version has migrated: its tables, and the rows of today's that it had.
async fn of_the_first_version() -> Project {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE a (x int); INSERT INTO a VALUES (1)"),
        ("1_a.down", "DROP TABLE a"),
        ("2_b.up", "CREATE TABLE b (x int)"),
        ("2_b.down", "DROP TABLE b"),
    ])
    .await;
    project.up().await.expect("up");
    project
        .sql("CREATE TABLE public.m AS TABLE underpin.migrations; CREATE TABLE public.s AS TABLE underpin.migration_statements; DROP SCHEMA underpin CASCADE")
        .await;
    project.sql(FIRST).await;
    project
        .sql("INSERT INTO underpin.migrations SELECT * FROM public.m; INSERT INTO underpin.migration_statements SELECT * FROM public.s; DROP TABLE public.m, public.s")
        .await;
    project
}

#[tokio::test]
async fn questions_are_answered_on_a_ledger_of_the_first_version_and_change_nothing() {
    let project = of_the_first_version().await;
    let migrator = project.migrator();
    assert_eq!(project.states().await, [State::Applied; 2]);
    assert_eq!(migrator.history().await.expect("history").len(), 2);
    let kept = migrator.quarantined(Duration::ZERO).await;
    assert!(kept.expect("nothing is kept").is_empty());
    let plan = migrator.plan(Direction::Down, Target::All).await;
    assert_eq!(plan.expect("a plan").steps().len(), 2);
    assert!(project.up().await.expect("up").migrations.is_empty());
    assert_eq!(
        project
            .ask("SELECT version FROM underpin.migration_ledger")
            .await,
        "1"
    );
}

#[tokio::test]
async fn a_ledger_of_the_first_version_is_upgraded_by_the_first_run_that_has_something_to_do() {
    let project = of_the_first_version().await;
    let migrator = project.migrator();
    let down = migrator
        .down(Target::Steps(std::num::NonZeroUsize::MIN))
        .await;
    down.unwrap_or_else(|error| panic!("{}", text(&error)));
    let states: Vec<_> = migrator
        .history()
        .await
        .expect("history")
        .into_iter()
        .map(|it| (it.slug.as_str().to_owned(), it.state, it.replaced.is_some()))
        .collect();
    let expected = [
        ("a", "applied", false),
        ("b", "applied", true),
        ("b", "reverted", false),
    ];
    assert_eq!(
        states,
        expected.map(|(slug, state, replaced)| (slug.to_owned(), state, replaced))
    );
    project.up().await.expect("up again");
    assert_eq!(project.states().await, [State::Applied; 2]);
}

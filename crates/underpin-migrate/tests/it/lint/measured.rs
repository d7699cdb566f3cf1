//! What files do on a scratch server: locks, rewrites, failures.

use crate::diff::support::{Server, sql};
use std::sync::Arc;
use underpin_migrate::lint::{self, Level, Measured, Measuring, Report, Settings};

const BEFORE: &str = "\
CREATE TABLE customers (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, total int, name varchar(5),
    customer int CONSTRAINT orders_customer_fkey REFERENCES customers);
CREATE INDEX orders_total ON orders (total);
CREATE TABLE events (at int) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);";

async fn measure(text: &str) -> Measured {
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let before = || Ok(sql("before.sql", BEFORE));
    let mut measuring = Measuring::new(&scratch);
    let measured = measuring.run("file.sql", text, (None, None), before).await;
    scratch.close().await.expect("closed");
    measured.expect("measured")
}

fn report(text: &str, measured: Option<Measured>) -> Report {
    let mut settings = Settings::default();
    settings.measured = measured.map(Arc::new);
    lint::report(text, &settings)
}

/// Line, level and message of the findings of a rule.
async fn found(text: &str, rule: &str) -> Vec<(u32, Level, String)> {
    let report = report(text, Some(measure(text).await));
    let findings = report.findings.into_iter();
    let findings = findings.filter(|it| it.rule.name == rule);
    findings.map(|it| (it.line, it.level, it.message)).collect()
}

#[tokio::test]
async fn a_lock_on_a_table_that_the_text_does_not_name_is_told() {
    let text = "SET lock_timeout = '1s';\n\n-- why\nALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;";
    let locks = found(text, "measured-lock").await;
    let took =
        |table| format!("It took ACCESS EXCLUSIVE on public.{table}: nobody else reads or writes.");
    let expected = ["customers", "orders"].map(|it| (4, Level::Note, took(it)));
    assert_eq!(locks, expected);
}

#[tokio::test]
async fn only_what_is_written_anew_is_called_a_rewrite() {
    let text = "ALTER TABLE orders ALTER COLUMN name TYPE text;\n\
        ALTER TABLE orders ALTER COLUMN total TYPE bigint;\n\
        CREATE TABLE fresh (a int);\nALTER TABLE fresh ALTER COLUMN a TYPE bigint;\n\
        TRUNCATE customers CASCADE;";
    let rewrites = found(text, "measured-rewrite").await;
    let message = String::from("public.orders was written anew, with all its indexes.");
    assert_eq!(rewrites, [(2, Level::Error, message)]);
}

#[tokio::test]
async fn locks_of_what_runs_alone_are_seen_while_it_is_held_up() {
    let text = "CREATE INDEX CONCURRENTLY orders_name ON orders (name);\n\
        REINDEX TABLE CONCURRENTLY orders;\n\
        DROP INDEX CONCURRENTLY orders_total;\n\
        VACUUM customers;\n\
        VACUUM (FULL) orders;\n\
        CREATE INDEX CONCURRENTLY events_1_at ON events_1 (at);\n\
        ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;\n\
        CREATE TABLE fresh (a int);\n\
        CREATE INDEX CONCURRENTLY fresh_a ON fresh (a);";
    let measured = measure(text).await;
    let found = measured.statements.iter().map(|it| {
        assert_eq!(it.failed, None);
        let locks = it.locks.iter();
        locks
            .map(|(table, lock)| format!("{} {}", table.name, lock.as_str()))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let expected = [
        "orders SHARE UPDATE EXCLUSIVE",
        "orders SHARE UPDATE EXCLUSIVE",
        "orders SHARE UPDATE EXCLUSIVE",
        "customers SHARE UPDATE EXCLUSIVE",
        "orders ACCESS EXCLUSIVE",
        "events_1 SHARE UPDATE EXCLUSIVE",
        "events SHARE UPDATE EXCLUSIVE, events_1 ACCESS EXCLUSIVE",
        "",
        "",
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn what_runs_alone_is_run_and_a_missing_role_is_made() {
    let text = "CREATE INDEX CONCURRENTLY orders_name ON orders (name);\nGRANT SELECT ON orders TO somebody_unheard_of;";
    let measured = measure(text).await;
    let failed: Vec<_> = measured
        .statements
        .iter()
        .filter_map(|it| it.failed.as_ref())
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(measured.statements.len(), 2);
}

#[tokio::test]
async fn a_statement_that_fails_is_an_error_and_ends_the_run() {
    let text = "ALTER TABLE orders DROP COLUMN totl;\nALTER TABLE orders DROP COLUMN total;";
    let failures = found(text, "measured-failure").await;
    assert_eq!(failures.len(), 1, "{failures:?}");
    let (line, level, message) = &failures[0];
    assert_eq!((*line, *level), (1, Level::Error));
    assert!(message.contains("totl"), "{message}");
    assert_eq!(measure(text).await.statements.len(), 1);
}

#[test]
fn without_a_run_the_measured_rules_are_not_checked() {
    let not_checked = |report: Report| {
        let rules = report.not_checked.into_iter().map(|it| it.rule);
        rules.filter(|it| it.starts_with("measured-")).count()
    };
    assert_eq!(not_checked(report("SELECT 1", None)), 3);
    assert_eq!(
        not_checked(report("SELECT 1", Some(Measured::default()))),
        0
    );
}

//! What a plan was not asked to change is the same after it, in every column of every table of PostgreSQL's catalog.

mod snapshot;

use crate::support::{Server, read, run_script, run_statements};
use snapshot::snapshot;
use underpin_core::Chain;
use underpin_schema::{Statement, diff};

/// What a word in `«…|…»` is on both sides.
fn side(script: &str, second: bool) -> String {
    let mut text = String::new();
    let mut rest = script;
    while let Some((before, choice)) = rest.split_once('«') {
        let (choice, after) = choice.split_once('»').expect("a choice ends");
        let (one, other) = choice.split_once('|').expect("a choice has two sides");
        text.push_str(before);
        text.push_str(if second { other } else { one });
        rest = after;
    }
    text + rest
}

/// Goes there and back as a superuser who owns none of it.
async fn check(script: &str) {
    let server = Server::start().await;
    for role in ["keeper", "reader", "writer"] {
        server.run(&format!("CREATE ROLE {role}")).await;
    }
    let (work, goal) = (server.empty("work").await, server.empty("goal").await);
    for (database, second) in [(&work, false), (&goal, true)] {
        let loaded = run_script(database, &side(script, second)).await;
        loaded.unwrap_or_else(|error| panic!("the script does not load: {}", Chain(&error)));
    }
    let before = snapshot(&work).await;
    let start = read(&work).await;
    let end = read(&goal).await;
    let mut told = String::new();
    for (from, to) in [(&start, &end), (&end, &start)] {
        let changes = diff(from, to);
        assert!(!changes.is_empty(), "there is something to do");
        let all = changes.iter().flat_map(|change| {
            let statements = change.statements.iter();
            statements.map(|sql| Statement {
                object: change.object.clone(),
                sql: sql.clone(),
            })
        });
        let plan: Vec<Statement> = all.collect();
        for statement in &plan {
            told.push_str(&format!("{};\n", statement.sql));
        }
        let done = run_statements(&work, &plan).await;
        done.unwrap_or_else(|error| panic!("{error}\n{told}"));
    }
    let after = snapshot(&work).await;
    let only = |these: &[String], those: &[String], mark: &str| -> String {
        let lines = these.iter().filter(|line| !those.contains(line));
        lines.map(|line| format!("{mark} {line}\n")).collect()
    };
    let lines = only(&before, &after, "-") + &only(&after, &before, "+");
    assert!(lines.is_empty(), "{lines}\n{told}");
}

#[tokio::test]
async fn everything_over_a_column_of_another_type_is_made_again_as_it_was() {
    check(include_str!("unasked/column_type.sql")).await;
}

#[tokio::test]
async fn everything_over_an_enum_that_loses_a_label_is_made_again_as_it_was() {
    check(include_str!("unasked/enum_label.sql")).await;
}

#[tokio::test]
async fn everything_that_calls_another_function_is_made_again_as_it_was() {
    check(include_str!("unasked/function.sql")).await;
}

#[tokio::test]
async fn everything_on_partitions_is_made_again_as_it_was() {
    check(include_str!("unasked/partitions.sql")).await;
}

#[tokio::test]
async fn an_index_that_is_built_with_another_definition_keeps_all_that_was_said_of_it() {
    check(include_str!("unasked/index.sql")).await;
}

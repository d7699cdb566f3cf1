//! Files that changed, went away or came late.

use crate::support::{Project, text};
use underpin_core::ErrorKind;
use underpin_migrate::{Chain, Migrator, State, Target};

const ONE: &str = "CREATE TABLE t (\n    a int\n);\nSELECT 1;\n";

/// sqlx and refinery compare raw bytes: a checkout on Windows breaks the start of the service.
#[tokio::test]
async fn line_ends_byte_order_mark_trailing_newline_and_comments_may_change() {
    for (what, same) in [
        ("CRLF", ONE.replace('\n', "\r\n")),
        ("BOM", format!("\u{feff}{ONE}")),
        ("trailing newline", format!("{ONE}\n\n")),
        ("comment", format!("-- why\n{ONE}")),
        ("layout", String::from("create table T (a INT); select 1")),
    ] {
        let project = Project::new(&[("1_a.up", ONE)]).await;
        project.up().await.expect("up");
        project.write("1_a.up", &same);
        let report = project
            .up()
            .await
            .unwrap_or_else(|error| panic!("{what}: {}", text(&error)));
        assert!(
            report
                .warnings
                .iter()
                .any(|it| it.contains("1_a.up.sql") && it.contains("reformatted")),
            "{what}"
        );
        assert_eq!(project.states().await, [State::Reformatted], "{what}");
    }
}

#[tokio::test]
async fn a_changed_meaning_stops_every_run_and_names_file_and_statement() {
    let project = Project::new(&[("1_a.up", ONE), ("1_a.down", "DROP TABLE t")]).await;
    project.up().await.expect("up");
    project.write("1_a.up", ONE.replace("SELECT 1", "SELECT 2"));
    project.write("2_b.up", "SELECT 2");
    for error in [
        project.up().await.expect_err("up"),
        project
            .migrator()
            .down(Target::All)
            .await
            .expect_err("down"),
    ] {
        assert_eq!(error.kind(), ErrorKind::HistoryConflict);
        assert!(
            text(&error)
                .contains("1_a.up.sql was changed after it was applied, from statement 2 on"),
            "{}",
            text(&error)
        );
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("new migration"))
        );
    }
    assert_eq!(project.states().await, [State::Changed, State::Pending]);
}

#[tokio::test]
async fn an_option_is_part_of_the_meaning() {
    let project = Project::new(&[("1_a.up", ONE)]).await;
    project.up().await.expect("up");
    project.write("1_a.up", format!("-- underpin: phase=contract\n{ONE}"));
    assert_eq!(
        project.up().await.expect_err("changed").kind(),
        ErrorKind::HistoryConflict
    );
}

#[tokio::test]
async fn an_applied_file_that_no_longer_parses_is_a_changed_one() {
    let project = Project::new(&[("1_a.up", ONE)]).await;
    project.up().await.expect("up");
    project.write("1_a.up", "SELECT 'open");
    assert_eq!(project.states().await, [State::Changed]);
    assert_eq!(
        project.up().await.expect_err("changed").kind(),
        ErrorKind::HistoryConflict
    );
}

#[tokio::test]
async fn a_missing_file_stops_and_says_which() {
    let project = Project::new(&[("1_a.up", ONE), ("2_b.up", "SELECT 2")]).await;
    project.up().await.expect("up");
    project.remove("1_a.up");
    let error = project.up().await.expect_err("missing");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    assert!(
        text(&error).contains("20240101000001 a was applied and its file is missing"),
        "{}",
        text(&error)
    );
    assert_eq!(project.states().await, [State::Missing, State::Applied]);
}

#[tokio::test]
async fn a_file_that_never_took_effect_may_go_away() {
    let project = Project::new(&[("1_a.up", "SELECT nope")]).await;
    project.up().await.expect_err("wrong");
    project.remove("1_a.up");
    project.up().await.expect("nothing is missing");
    assert!(project.states().await.is_empty());
}

#[tokio::test]
async fn a_late_file_stops_unless_it_is_allowed() {
    let project = Project::new(&[("2_b.up", "SELECT 2")]).await;
    project.up().await.expect("up");
    project.write("1_a.up", ONE);
    let error = project.up().await.expect_err("late");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("--out-of-order"))
    );
    let migrator = project.migrator_with(|settings| settings.allow_out_of_order = true);
    assert_eq!(
        migrator
            .up(Target::All)
            .await
            .expect("allowed")
            .migrations
            .len(),
        1
    );
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
}

/// During a rolling deploy the old program meets what the new one has applied.
#[tokio::test]
async fn an_embedded_chain_accepts_what_a_newer_program_applied() {
    use include_dir::{Dir, DirEntry, File};
    static OLD: [DirEntry<'static>; 1] = [DirEntry::File(File::new(
        "20240101000001_a.up.sql",
        b"SELECT 1",
    ))];
    static NEW: [DirEntry<'static>; 2] = [
        DirEntry::File(File::new("20240101000001_a.up.sql", b"SELECT 1")),
        DirEntry::File(File::new("20240101000002_b.up.sql", b"SELECT 2")),
    ];
    let project = Project::new(&[]).await;
    let migrator = |entries| {
        let chain = Chain::embedded("app", &Dir::new("", entries)).expect("valid");
        Migrator::new(project.db.options(), chain)
    };
    migrator(&NEW).up(Target::All).await.expect("new program");
    let report = migrator(&OLD).up(Target::All).await.expect("old program");
    assert!(
        report.warnings[0].contains("newer program"),
        "{:?}",
        report.warnings
    );
    let status = migrator(&OLD).status().await.expect("status");
    assert_eq!(status.migrations[1].state, State::Ahead);
    assert!(status.is_current());
    let error = migrator(&OLD)
        .down(Target::All)
        .await
        .expect_err("not its own to revert");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
}

#[tokio::test]
async fn a_statement_that_has_run_may_not_be_changed_while_its_file_is_half_applied() {
    let project = Project::new(&[("1_a.up", "SELECT 1;\nVACUUM;\nSELECT nope;")]).await;
    project.up().await.expect_err("third statement");
    project.write("1_a.up", "SELECT 7;\nVACUUM;\nSELECT 3;");
    let error = project.up().await.expect_err("first statement was changed");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    assert!(
        text(&error).contains("statement 1 was changed after it had run"),
        "{}",
        text(&error)
    );
}

//! What a program, or a file, does around migrations.

use crate::support::{Project, text};
use std::fs;
use std::sync::{Arc, Mutex};
use underpin_migrate::{BoxError, Hook, Moment, State, Target};
use underpin_pool::Session;

/// Writes down when it is called, in memory and in the database; fails at one moment.
#[derive(Clone, Default)]
struct Notes {
    moments: Arc<Mutex<Vec<String>>>,
    fails_at: &'static str,
}

impl Notes {
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.moments.lock().expect("no panic while noting"))
    }
}

impl Hook for Notes {
    async fn call(&self, moment: Moment<'_>, session: &mut Session) -> Result<(), BoxError> {
        let moment = moment.to_string();
        let role: String = session
            .query_one("SELECT current_setting('search_path')", &[])
            .await?
            .get(0)?;
        self.moments
            .lock()
            .expect("no panic while noting")
            .push(format!("{moment} {role}"));
        if moment == self.fails_at {
            return Err("not now".into());
        }
        let tx = session.begin();
        tx.execute("INSERT INTO notes VALUES ($1)", &[&moment])
            .await?;
        Ok(tx.commit().await?)
    }
}

#[tokio::test]
async fn hooks_are_called_around_a_run_and_each_migration_on_a_fresh_session() {
    let project = Project::new(&[
        ("1_a.up", "SET search_path = pg_catalog; SELECT 1"),
        ("1_a.down", "SELECT 1"),
        ("2_b.up", "SELECT 1"),
    ])
    .await;
    project.sql("CREATE TABLE notes (moment text)").await;
    let notes = Notes::default();
    let migrator = project.migrator().with_hook(notes.clone());
    migrator
        .up(Target::To(crate::support::version("1")))
        .await
        .expect("up");
    let expected = |moments: &[&str]| -> Vec<String> {
        moments.iter().map(|it| format!("{it} public")).collect()
    };
    assert_eq!(
        notes.taken(),
        expected(&[
            "before up",
            "before 20240101000001 a",
            "after 20240101000001 a",
            "after up"
        ])
    );
    assert_eq!(project.ask("SELECT count(*) FROM notes").await, "4");
    migrator.down(Target::All).await.expect("down");
    assert_eq!(
        notes.taken(),
        expected(&[
            "before down",
            "before 20240101000001 a",
            "after 20240101000001 a",
            "after down"
        ])
    );
    migrator.down(Target::All).await.expect("nothing to do");
    assert!(notes.taken().is_empty());
}

#[tokio::test]
async fn a_hook_that_fails_ends_the_run_where_it_stands() {
    let project = Project::new(&[("1_a.up", "SELECT 1"), ("2_b.up", "SELECT 1")]).await;
    project.sql("CREATE TABLE notes (moment text)").await;
    let failing = |fails_at| {
        project.migrator().with_hook(Notes {
            fails_at,
            ..Notes::default()
        })
    };
    let error = failing("before 20240101000002 b")
        .up(Target::All)
        .await
        .expect_err("before b");
    let said = text(&error);
    assert!(
        said.contains("the hook before 20240101000002 b failed") && said.contains("not now"),
        "{said}"
    );
    assert_eq!(project.states().await, [State::Applied, State::Pending]);
    failing("after 20240101000002 b")
        .up(Target::All)
        .await
        .expect_err("after b");
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
}

/// A project with these files in its folder `hooks`.
async fn with_hooks(files: &[(&str, &str)], hooks: &[(&str, &str)]) -> Project {
    let project = Project::new(files).await;
    let folder = project.folder.path().join("hooks");
    fs::create_dir(&folder).expect("folder");
    for (name, text) in hooks {
        fs::write(folder.join(format!("{name}.sql")), text).expect("file");
    }
    project
}

#[tokio::test]
async fn files_are_run_around_a_run_and_each_migration_and_are_not_in_the_ledger() {
    let names = [
        "before_up",
        "before_each_up",
        "after_each_up",
        "after_up",
        "before_down",
        "before_each_down",
        "after_each_down",
        "after_down",
    ];
    let notes = names.map(|name| {
        (
            name,
            format!("INSERT INTO notes (moment) VALUES ('{name}')"),
        )
    });
    let notes: Vec<_> = notes
        .iter()
        .map(|(name, sql)| (*name, sql.as_str()))
        .collect();
    let files = [
        ("1_a.up", "SET search_path = pg_catalog; SELECT 1"),
        ("1_a.down", "SELECT 1"),
        ("2_b.up", "VACUUM; SELECT 1"),
        ("2_b.down", "SELECT 1"),
    ];
    let project = with_hooks(&files, &notes).await;
    project
        .sql("CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY, moment text)")
        .await;
    let taken = "SELECT string_agg(moment, ' ' ORDER BY id) FROM notes";
    project.up().await.expect("up");
    let up = "before_up before_each_up after_each_up before_each_up after_each_up after_up";
    assert_eq!(project.ask(taken).await, up);
    project.up().await.expect("nothing to do");
    assert_eq!(project.ask(taken).await, up);
    project.sql("TRUNCATE notes").await;
    project.migrator().down(Target::All).await.expect("down");
    let down =
        "before_down before_each_down after_each_down before_each_down after_each_down after_down";
    assert_eq!(project.ask(taken).await, down);
    let recorded = project.migrator().history().await.expect("history");
    assert_eq!(recorded.len(), 4, "two migrations, up and down");
}

#[tokio::test]
async fn a_file_is_transactional_but_for_what_runs_alone_and_keeps_its_timeouts() {
    let hook = "-- underpin: statement_timeout=7s\n\
        INSERT INTO notes VALUES (current_setting('statement_timeout'));\nVACUUM notes;\n\
        INSERT INTO notes VALUES ('gone');\nSELECT nope;\n";
    let project = with_hooks(&[("1_a.up", "SELECT 1")], &[("after_each_up", hook)]).await;
    project.sql("CREATE TABLE notes (moment text)").await;
    let error = project.up().await.expect_err("a column that is not there");
    let said = text(&error);
    let place = "hooks/after_each_up.sql:5:8: the hook after 20240101000001 a failed";
    assert!(said.contains(place) && said.contains("nope"), "{said}");
    assert!(
        error
            .hint()
            .is_some_and(|it| it.contains("is recorded and stays")),
        "{error:?}"
    );
    assert_eq!(
        project
            .ask("SELECT string_agg(moment, ' ') FROM notes")
            .await,
        "7s"
    );
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn a_file_waits_for_its_table_and_tries_again() {
    let hook = (
        "before_up",
        "ALTER TABLE notes ADD COLUMN IF NOT EXISTS seen int",
    );
    let project = with_hooks(&[("1_a.up", "SELECT 1")], &[hook]).await;
    project.sql("CREATE TABLE notes (moment text)").await;
    let mut reader = project.session().await;
    let reading = reader.begin();
    reading.batch("SELECT * FROM notes").await.expect("locked");
    let migrator = project.migrator_with(|it| {
        it.lock_timeout = std::time::Duration::from_millis(50);
        it.lock_attempts = 2;
    });
    let error = migrator.up(Target::All).await.expect_err("locked");
    assert_eq!(project.told.count("Retrying"), 1);
    assert!(
        text(&error).contains("hooks/before_up.sql:1:1: the hook before up failed"),
        "{error}"
    );
    assert_eq!(project.states().await, [State::Pending]);
    reading.commit().await.expect("unlocked");
    migrator.up(Target::All).await.expect("up");
}

#[tokio::test]
async fn a_file_that_cannot_be_a_hook_is_refused_before_anything_runs() {
    let project = with_hooks(&[("1_a.up", "SELECT 1")], &[("before_each", "SELECT 1")]).await;
    let error = project.chain().expect_err("no such moment");
    assert!(
        error
            .to_string()
            .ends_with("hooks/before_each.sql: not the name of a hook"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .is_some_and(|it| it.contains("before_each_up.sql")),
        "{error:?}"
    );
    let project = with_hooks(
        &[("1_a.up", "SELECT 1")],
        &[("after_up", "SELECT 1; COMMIT")],
    )
    .await;
    let error = project.up().await.expect_err("transaction control");
    assert!(
        error.to_string().contains("hooks/after_up.sql:1:11"),
        "{error}"
    );
    assert_eq!(project.states().await, [State::Pending]);
}

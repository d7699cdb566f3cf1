//! What a program does around migrations.

use crate::support::{Project, text};
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

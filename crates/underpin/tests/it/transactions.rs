//! What closures of transactions may capture, and where they may run. These need to compile, not to run.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use underpin::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    title: String,
}

/// As `tokio::spawn` and axum's handlers ask for it.
fn spawnable<T>(_: impl Future<Output = T> + Send + 'static) {}

async fn renamed(db: &Database, id: Id<Note>, title: &str) -> Result<Note, underpin::model::Error> {
    let (notes, actor) = (db.repository::<Note>(), Actor::user("ada"));
    let runs = AtomicU32::new(0);
    let patch = NotePatch {
        title: Set(title.into()),
        ..NotePatch::default()
    };
    db.transaction(async |tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        tx.execute("SELECT set_config('app.title', $1, true)", &[&title])
            .await?;
        notes.on(tx).update(id, patch.clone(), &actor).await
    })
    .await
}

#[test]
fn a_closure_that_shares_what_it_captures_runs_in_spawned_tasks() {
    // Never polled: whether it compiles is the question.
    let _spawned = |db: Database, id: Id<Note>| {
        spawnable(async move {
            let seen = Mutex::new(Vec::new());
            let note = renamed(&db, id, "second").await;
            let count = db
                .transaction(async |tx| {
                    let row = tx.query_one("SELECT count(*) FROM notes", &[]).await?;
                    let count: i64 = row.get(0)?;
                    seen.lock().map(|mut seen| seen.push(count)).ok();
                    Ok::<_, underpin::Error>(count)
                })
                .await;
            (note, count)
        });
    };
}

#[test]
fn a_closure_that_returns_a_future_is_taken_too() {
    let _spawned = |db: Database| {
        spawnable(async move {
            let title = String::from("first");
            db.transaction(|tx| {
                let title = title.clone();
                async move { tx.query("SELECT $1::text", &[&title]).await }
            })
            .await
        });
    };
}

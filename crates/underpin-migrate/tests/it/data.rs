//! Migrations in Rust: batch by batch, resumed after anything, nothing done twice.

use crate::processes::start_to;
use crate::support::{DEADLINE, Project, text, version};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_migrate::{
    Batch, Batches, BoxError, Chain, DataLoss, DataMigration, DataProgress, Direction, Migrator,
    Progress, Settings, State, Target,
};
use underpin_pool::Transaction;
use underpin_testkit::wait_until;

const ROWS: u64 = 1000;
const BATCH: u64 = 100;
const TABLE: &str = "CREATE TABLE t (id bigint PRIMARY KEY, touched int NOT NULL DEFAULT 0); INSERT INTO t SELECT generate_series(1, 1000);";

/// Adds to `touched` of every row, a hundred rows a batch.
#[derive(Clone)]
struct Touch {
    by: i32,
    revision: u32,
    pause: Duration,
    /// Batches fail from this one on.
    fails_from: u64,
    batches: Arc<AtomicU64>,
}

impl Touch {
    fn by(by: i32) -> Self {
        Self {
            by,
            revision: 1,
            pause: Duration::ZERO,
            fails_from: u64::MAX,
            batches: Arc::default(),
        }
    }
}

impl Batches for Touch {
    type Cursor = i64;

    fn revision(&self) -> u32 {
        self.revision
    }

    async fn total(&self, tx: &Transaction<'_>) -> Result<Option<u64>, BoxError> {
        let count: i64 = tx.query_one("SELECT count(*) FROM t", &[]).await?.get(0)?;
        Ok(Some(count.try_into()?))
    }

    async fn batch(
        &self,
        tx: &Transaction<'_>,
        after: Option<i64>,
    ) -> Result<Batch<i64>, BoxError> {
        let sql = "WITH batch AS (SELECT id FROM t WHERE id > $1 ORDER BY id LIMIT 100),
                        done AS (UPDATE t SET touched = touched + $2 FROM batch WHERE t.id = batch.id)
                   SELECT count(*), max(id) FROM batch";
        let row = tx.query_one(sql, &[&after.unwrap_or(0), &self.by]).await?;
        let (rows, next): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        if self.batches.fetch_add(1, Ordering::Relaxed) + 1 >= self.fails_from {
            return Err("no more today".into());
        }
        Ok(Batch {
            rows: rows.try_into()?,
            next,
        })
    }

    fn pause(&self, _took: Duration) -> Duration {
        self.pause
    }
}

fn migration(number: &str, up: impl Batches) -> DataMigration {
    DataMigration::new(version(number), "touch".parse().expect("a slug"), up)
}

/// What a process does that is to be killed: it rests long enough between batches to be met there.
pub(crate) fn slow() -> DataMigration {
    let pause = Duration::from_millis(100);
    migration(
        "2",
        Touch {
            pause,
            ..Touch::by(1)
        },
    )
}

fn migrator(project: &Project, migrations: impl IntoIterator<Item = DataMigration>) -> Migrator {
    let chain = project.chain().expect("a valid folder");
    let add = |chain: Chain, it| chain.with_data_migration(it).expect("one more");
    let chain = migrations.into_iter().fold(chain, add);
    Migrator::new(project.db.options(), chain)
        .with_progress(Arc::clone(&project.told) as Arc<dyn Progress>)
}

async fn touched(project: &Project) -> String {
    project
        .ask("SELECT min(touched) || ' ' || max(touched) || ' ' || sum(touched) FROM t")
        .await
}

#[tokio::test]
async fn a_migration_in_rust_runs_in_its_place_among_the_files_and_is_in_ledger_and_plan() {
    let project = Project::new(&[
        ("1_t.up", TABLE),
        ("3_c.up", "ALTER TABLE t ADD CHECK (touched = 1)"),
    ])
    .await;
    let migrator = migrator(&project, [migration("2", Touch::by(1))]);
    let plan = migrator
        .plan(Direction::Up, Target::All)
        .await
        .expect("plan");
    let slugs: Vec<_> = plan
        .steps()
        .iter()
        .map(|it| it.migration().slug.as_str())
        .collect();
    assert_eq!(slugs, ["t", "touch", "c"]);
    assert_eq!(
        plan.steps()[1].statements()[0].text(),
        "SELECT 'data migration touch in Rust, up, revision 1'"
    );
    let report = migrator.up(Target::All).await.expect("up");
    assert_eq!(report.migrations.len(), 3);
    assert_eq!(touched(&project).await, "1 1 1000");
    assert!(
        migrator
            .up(Target::All)
            .await
            .expect("again")
            .migrations
            .is_empty()
    );
    let history = migrator.history().await.expect("history");
    let statement = &history[1].statements[0];
    assert_eq!(
        (statement.class.as_str(), statement.state, statement.rows),
        ("alone", "done", Some(1000))
    );
    assert_eq!(
        project
            .ask("SELECT count(*) FROM underpin.migration_batches")
            .await,
        "0"
    );
    // The last batch finds no row; the first and the last are told whatever the time.
    assert_eq!(project.told.count("Batch { file: \"<program>/20240101000002_touch.up\", batches: 1, done: 100, total: Some(1000) }"), 1);
    assert_eq!(project.told.count("Batch { file: \"<program>/20240101000002_touch.up\", batches: 11, done: 1000, total: Some(1000) }"), 1);
}

#[tokio::test]
async fn killed_after_some_batches_the_next_run_goes_on_with_the_next_one() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    project.up().await.expect("the table");
    let mut process = start_to(&project, "data");
    let batches = "SELECT coalesce((SELECT batches FROM underpin.migration_batches), 0)";
    wait_until(DEADLINE, async || {
        project.ask(batches).await.parse::<u64>().expect("a number") >= 3
    })
    .await;
    process.kill().await.expect("kill -9");
    let before: u64 = project.ask(batches).await.parse().expect("a number");

    let touch = Touch::by(1);
    let migrator = migrator(&project, [migration("2", touch.clone())]);
    let status = migrator.status().await.expect("status");
    let progress = DataProgress {
        batches: before,
        done: before * BATCH,
        total: Some(ROWS),
    };
    assert_eq!(
        (status.migrations[1].state, status.migrations[1].data),
        (State::Partial, Some(progress))
    );
    migrator.up(Target::All).await.expect("goes on");
    assert_eq!(touched(&project).await, "1 1 1000");
    assert_eq!(touch.batches.load(Ordering::Relaxed), 11 - before);
    assert_eq!(migrator.status().await.expect("status").behind(), 0);
}

#[tokio::test]
async fn a_batch_that_fails_keeps_those_before_it_and_names_its_cause() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    let failing = Touch {
        fails_from: 4,
        ..Touch::by(1)
    };
    let error = migrator(&project, [migration("2", failing)])
        .up(Target::All)
        .await
        .expect_err("fourth");
    let said = text(&error);
    assert!(
        said.contains("_touch.up: batch 4 failed") && said.contains("no more today"),
        "{said}"
    );
    assert_eq!(touched(&project).await, "0 1 300");
    migrator(&project, [migration("2", Touch::by(1))])
        .up(Target::All)
        .await
        .expect("corrected");
    assert_eq!(touched(&project).await, "1 1 1000");

    // The first batch that fails leaves nothing behind.
    let failing = Touch {
        fails_from: 1,
        ..Touch::by(1)
    };
    let both = || {
        [
            migration("2", Touch::by(1)),
            migration("3", failing.clone()),
        ]
    };
    migrator(&project, both())
        .up(Target::All)
        .await
        .expect_err("first");
    let status = migrator(&project, both()).status().await.expect("status");
    assert_eq!(status.migrations[2].state, State::Pending);
}

#[tokio::test]
async fn a_batch_that_gets_no_lock_is_tried_again() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    project.up().await.expect("the table");
    let mut other = project.session().await;
    let holding = other.begin();
    holding
        .execute("UPDATE t SET touched = touched WHERE id = 150", &[])
        .await
        .expect("a row lock");
    let settings = Settings {
        lock_timeout: Duration::from_millis(100),
        ..Settings::default()
    };
    let migrator = migrator(&project, [migration("2", Touch::by(1))]).with_settings(settings);
    let letting_go = async {
        wait_until(DEADLINE, async || project.told.count("Retrying") >= 1).await;
        holding.rollback().await.expect("rolled back");
    };
    let (done, ()) = tokio::join!(migrator.up(Target::All), letting_go);
    done.expect("the retry succeeds");
    assert_eq!(touched(&project).await, "1 1 1000");
}

#[tokio::test]
async fn the_way_back_is_optional_and_in_batches_too() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    let one_way = migrator(&project, [migration("2", Touch::by(1))]);
    one_way.up(Target::All).await.expect("up");
    let last = Target::Steps(std::num::NonZeroUsize::MIN);
    let error = one_way.down(last).await.expect_err("no way back");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        error.hint().is_some_and(|it| it.contains("with_down")),
        "{}",
        text(&error)
    );
    assert_eq!(touched(&project).await, "1 1 1000");

    let both_ways = migrator(
        &project,
        [migration("2", Touch::by(1)).with_down(Touch::by(-1))],
    );
    // What a program does to rows nobody can tell before it has done it.
    let error = both_ways.down(last).await.expect_err("not allowed");
    assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
    assert!(text(&error).contains("written in Rust"), "{}", text(&error));
    let allowed = both_ways.clone().with_settings(Settings {
        data_loss: DataLoss::Allow,
        ..Settings::default()
    });
    assert_eq!(allowed.down(last).await.expect("down").migrations.len(), 1);
    assert_eq!(touched(&project).await, "0 0 0");
    both_ways.up(Target::All).await.expect("up again");
    assert_eq!(touched(&project).await, "1 1 1000");
}

#[tokio::test]
async fn another_revision_of_an_applied_one_is_a_conflict_and_a_version_is_used_once() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    migrator(&project, [migration("2", Touch::by(1))])
        .up(Target::All)
        .await
        .expect("up");
    let changed = Touch {
        revision: 2,
        ..Touch::by(1)
    };
    let error = migrator(&project, [migration("2", changed)])
        .up(Target::All)
        .await
        .expect_err("changed");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict, "{}", text(&error));
    let chain = project.chain().expect("valid");
    let error = chain
        .with_data_migration(migration("1", Touch::by(1)))
        .expect_err("twice");
    assert!(text(&error).contains("used twice"), "{}", text(&error));
}

#[tokio::test]
async fn a_deferred_one_is_left_for_later() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    let migrator = migrator(&project, [migration("2", Touch::by(1)).deferred()]);
    let ensured = migrator.ensure(None).await.expect("ensure");
    assert_eq!(ensured.readiness.deferred, [version("2")]);
    assert_eq!(touched(&project).await, "0 0 0");
    migrator.run_deferred().await.expect("deferred");
    assert_eq!(touched(&project).await, "1 1 1000");
}

/// Says that there is more, and never goes on.
struct Endless;

impl Batches for Endless {
    type Cursor = ();

    fn revision(&self) -> u32 {
        1
    }

    async fn batch(
        &self,
        _tx: &Transaction<'_>,
        _after: Option<()>,
    ) -> Result<Batch<()>, BoxError> {
        Ok(Batch {
            rows: 0,
            next: Some(()),
        })
    }
}

#[tokio::test]
async fn work_that_never_goes_on_is_ended() {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    let error = migrator(&project, [migration("2", Endless)])
        .up(Target::All)
        .await
        .expect_err("endless");
    assert!(
        text(&error).contains("ended where it began"),
        "{}",
        text(&error)
    );
}

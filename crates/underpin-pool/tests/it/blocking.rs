//! The pool without async.

use crate::support::{options, unique};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::runtime::{Builder, Runtime};
use underpin_pool::blocking::Database;
use underpin_pool::{Error, ErrorKind, Options};

fn sessions(count: usize) -> Options {
    let runtime = Runtime::new().expect("a runtime starts");
    runtime.block_on(options(|pool| (pool.size, pool.max_overflow) = (count, 0)))
}

#[test]
fn statements_and_transactions_work_without_async() {
    let db = Database::connect(sessions(1)).expect("the shared cluster answers");
    let table = unique("t");
    db.batch(&format!("CREATE TABLE {table} (id int PRIMARY KEY)"))
        .unwrap();
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    db.transaction(|tx| -> Result<(), Error> {
        tx.execute(&insert, &[&1])?;
        tx.execute(&insert, &[&2])?;
        Ok(())
    })
    .unwrap();
    let error = db
        .transaction(|tx| {
            tx.execute(&insert, &[&3])
                .and_then(|_| tx.execute(&insert, &[&1]))
        })
        .unwrap_err();
    assert!(error.is_unique_violation());
    let count: i64 = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(count, 2);
    db.batch(&format!("DROP TABLE {table}")).unwrap();
    assert_eq!(db.status().created, 1);
    db.close();
    assert_eq!(
        db.query("SELECT 1", &[]).unwrap_err().kind(),
        ErrorKind::ShuttingDown
    );
}

#[test]
fn transaction_runs_again_and_its_session_is_free_during_the_pauses() {
    let db = Database::connect(sessions(1)).expect("the shared cluster answers");
    let fails = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$";
    let runs = AtomicU32::new(0);
    let mut was_free = false;
    std::thread::scope(|scope| {
        let retried = scope.spawn(|| {
            db.transaction(|tx| -> Result<(), Error> {
                runs.fetch_add(1, Ordering::Relaxed);
                tx.batch(fails)
            })
        });
        while !retried.is_finished() {
            was_free |= db.status().checked_in == 1 && runs.load(Ordering::Relaxed) > 0;
            std::thread::yield_now();
        }
        let error = retried.join().unwrap().unwrap_err();
        assert!(error.is_retryable());
    });
    assert_eq!(runs.load(Ordering::Relaxed), 6, "once and five times more");
    assert!(was_free, "the session was kept during the pauses");
}

fn answer(db: &Database) -> i32 {
    let row = db.query_one("SELECT $1::int + 1", &[&41]).unwrap();
    row.get(0).unwrap()
}

/// Connects, asks, runs transactions one in another, and drops everything where it is called.
fn use_it_whole(options: Options) {
    let db = Database::connect(options).expect("connect may wait here");
    assert_eq!(answer(&db), 42);
    let both = db.transaction(|outer| -> Result<i32, Error> {
        let inner = db.transaction(|inner| inner.query_one("SELECT 1", &[])?.get::<i32>(0))?;
        Ok(inner + outer.query_one("SELECT 1", &[])?.get::<i32>(0)?)
    });
    assert_eq!(both.unwrap(), 2);
    db.close();
}

/// Does what async code must not do: each call is the documented error, and nothing panics, also at the drop.
fn misuse(options: Options, open: Database) {
    let refused = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("spawn_blocking"))
        );
    };
    refused(Database::connect(options).unwrap_err());
    refused(open.query("SELECT 1", &[]).unwrap_err());
    let body = |_: &underpin_pool::blocking::Transaction<'_>| -> Result<(), Error> { Ok(()) };
    refused(open.transaction(body).unwrap_err());
    open.close();
    drop(open);
}

fn runtimes() -> [Runtime; 2] {
    let several = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let one = Builder::new_current_thread().enable_all().build();
    [several.unwrap(), one.unwrap()]
}

#[test]
fn it_works_in_spawn_blocking_of_every_runtime() {
    for runtime in runtimes() {
        let options = sessions(2);
        runtime.block_on(async {
            let work = tokio::task::spawn_blocking(move || use_it_whole(options));
            work.await.unwrap();
        });
    }
}

#[test]
fn it_works_in_block_in_place_and_within_a_plain_guard() {
    let options = sessions(2);
    let [several, one] = runtimes();
    several.block_on(async {
        let in_a_task = options.clone();
        let task = tokio::spawn(async move {
            tokio::task::block_in_place(|| use_it_whole(in_a_task));
        });
        task.await.unwrap();
        tokio::task::block_in_place(|| use_it_whole(options.clone()));
    });
    for runtime in [&several, &one] {
        let _guard = runtime.enter();
        use_it_whole(options.clone());
    }
}

#[test]
fn one_handle_serves_plain_threads_and_blocking_tasks_at_once() {
    let db = Database::connect(sessions(2)).unwrap();
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let ask = || {
            let db = db.clone();
            move || assert_eq!(answer(&db), 42)
        };
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(ask())).collect();
        let tasks: Vec<_> = (0..4).map(|_| tokio::task::spawn_blocking(ask())).collect();
        for task in tasks {
            task.await.unwrap();
        }
        let joined = tokio::task::spawn_blocking(|| {
            threads
                .into_iter()
                .try_for_each(std::thread::JoinHandle::join)
        });
        joined.await.unwrap().unwrap();
    });
}

#[test]
fn in_async_code_each_call_is_an_error_and_nothing_panics() {
    let options = sessions(2);
    let open = || Database::connect(options.clone()).unwrap();
    for runtime in runtimes() {
        let (first, second, third, fourth) = (open(), open(), open(), open());
        runtime.block_on(async { misuse(options.clone(), first) });
        let within = options.clone();
        runtime.block_on(async {
            let task = tokio::spawn(async move {
                tokio::task::yield_now().await;
                misuse(within, second);
            });
            task.await.unwrap();
        });
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async {
            misuse(options.clone(), third);
            let within = options.clone();
            let task = tokio::task::spawn_local(async move { misuse(within, fourth) });
            task.await.unwrap();
        });
    }
}

/// What async code asked for after a misuse runs as before: the question whether it is async takes nothing from its budget.
#[test]
fn a_refused_call_leaves_the_tasks_budget_as_it_was() {
    let open = Database::connect(sessions(2)).unwrap();
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut steps = 0;
        while tokio::task::coop::has_budget_remaining() {
            if let std::task::Poll::Ready(step) = tokio::task::coop::poll_proceed(&mut context) {
                step.made_progress();
                steps += 1;
            }
            assert!(open.query("SELECT 1", &[]).is_err());
        }
        assert!(steps > 1, "{steps}");
        assert!(
            open.query("SELECT 1", &[]).is_err(),
            "the budget is used up"
        );
    });
}

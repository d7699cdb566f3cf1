//! Locks of a statement that runs alone, and lets go of them before it is done: seen while it is held up.
//!
//! Sessions of ours lock the tables first: the partitions and, apart from them, all others. Whoever builds or drops an index
//! concurrently gets its own lock and waits for ours to go; VACUUM asks for its lock and waits for it. What it has or asks
//! for is read then, and once more when only the partitions are locked.

use std::time::Duration;
use tokio::time::timeout;
use underpin_pool::{Options, Session};

/// Longest that a statement is waited for to be held up, or done; afterwards it is let go.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most tables that are locked: each takes a place in the server's table of locks.
const TABLES_MAX: usize = 1_000;

const TABLES: &str = "\
SELECT c.relispartition, format('%I.%I', n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

const PID: &str = "SELECT pg_backend_pid()";

const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)";

const LOCKS: &str = "SELECT relation, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND relation IS NOT NULL";

/// Runs a statement; the locks that it had or asked for are added.
pub(super) async fn run(
    (options, session): (&Options, &Session),
    sql: &str,
    is_vacuum: bool,
    locks: &mut Vec<(u32, String)>,
) -> Result<(), underpin_pool::Error> {
    let observer = Session::connect(options).await?;
    let pid: i32 = session.query_one(PID, &[]).await?.get(0)?;
    // The weakest that each of them minds.
    let mode = if is_vacuum { "SHARE" } else { "ROW EXCLUSIVE" };
    let (partitions, others) = tables(&observer).await?;
    let (mut first, mut second) = (
        Session::connect(options).await?,
        Session::connect(options).await?,
    );
    let (first, second) = (first.begin(), second.begin());
    for (tx, tables) in [(&first, &others), (&second, &partitions)] {
        if !tables.is_empty() {
            let list = tables.join(", ");
            tx.batch(&format!("LOCK TABLE {list} IN {mode} MODE"))
                .await?;
        }
    }
    let running = session.batch(sql);
    tokio::pin!(running);
    for holder in [first, second] {
        let held_up = timeout(PATIENCE, held_up(&observer, pid));
        tokio::select! {
            done = &mut running => return done,
            seen = held_up => locks.extend(seen.unwrap_or_else(|_| Ok(Vec::new()))?),
        }
        holder.rollback().await?;
    }
    running.await
}

/// The partitions, and all other tables, as `LOCK TABLE` takes them.
async fn tables(observer: &Session) -> Result<(Vec<String>, Vec<String>), underpin_pool::Error> {
    let (mut partitions, mut others) = (Vec::new(), Vec::new());
    for row in observer.query(TABLES, &[]).await?.iter().take(TABLES_MAX) {
        let (is_partition, name): (bool, String) = (row.get(0)?, row.get(1)?);
        let list = if is_partition {
            &mut partitions
        } else {
            &mut others
        };
        list.push(format!("ONLY {name}"));
    }
    Ok((partitions, others))
}

/// Polls until the session of this process waits, and says what it has locked and wants to.
async fn held_up(observer: &Session, pid: i32) -> Result<Vec<(u32, String)>, underpin_pool::Error> {
    while !observer.query_one(WAITS, &[&pid]).await?.get::<bool>(0)? {
        tokio::task::yield_now().await;
    }
    let mut locks = Vec::new();
    for row in &observer.query(LOCKS, &[&pid]).await? {
        locks.push((row.get(0)?, row.get(1)?));
    }
    Ok(locks)
}

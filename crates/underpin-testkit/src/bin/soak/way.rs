//! The ways in which a writer writes, and what it knows when one of them fails.

use crate::ledger::Ledger;
use crate::writer::TABLE_NAME;
use rand::RngExt;
use rand::rngs::StdRng;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;
use underpin_pool::{Database, Error, ErrorKind, Session, Transaction};

const INSERT: &str = "INSERT INTO written VALUES ($1)";
/// A result that is too long for one packet.
const ROWS: i32 = 3000;
const SERIES: &str = "SELECT generate_series(1, $1)";
const SERIES_OUT: &str = "COPY (SELECT generate_series(1, 3000)) TO STDOUT";

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// One autocommit statement on the database: on a lane where that is the better place.
    Statement,
    /// One autocommit statement on a session of one's own.
    Session,
    /// Rows in one transaction.
    Transaction,
    /// Two tasks with one transaction, and a third statement of it that is given up.
    Shared,
    /// Between a savepoint that is dropped, or rolled back, and one that is released.
    Savepoint,
    /// Behind a stream, or a COPY out, that is left at some row, in a transaction.
    Streamed,
    /// COPY in, by itself.
    CopyIn,
    /// COPY in that is dropped midway: nothing of it may stay. Then a row on the same session.
    CopyLeft,
}

/// A way with what is random about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) way: Way,
    /// After how many rows a stream is left; whether a savepoint is dropped.
    choice: i32,
}

impl Plan {
    pub(crate) fn draw(random: &mut StdRng) -> Self {
        let way = match random.random_range(0..20) {
            0..8 => Way::Statement,
            8..10 => Way::Session,
            10..12 => Way::Transaction,
            12..14 => Way::Shared,
            14..16 => Way::Savepoint,
            16 => Way::Streamed,
            17..19 => Way::CopyIn,
            _ => Way::CopyLeft,
        };
        let choice = random.random_range(0..ROWS);
        Self { way, choice }
    }

    /// How many rows are to be there, all or none.
    pub(crate) const fn rows(self) -> i64 {
        match self.way {
            Way::Statement | Way::Session | Way::Streamed | Way::CopyLeft => 1,
            Way::Savepoint => 2,
            Way::Transaction => 3,
            Way::Shared => 4,
            Way::CopyIn => 5,
        }
    }

    /// How many rows are written and taken back: they may never be there.
    pub(crate) const fn ghosts(self) -> i64 {
        match self.way {
            Way::Savepoint => 1,
            Way::CopyLeft => 3,
            _ => 0,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self.way {
            Way::Statement => "a statement",
            Way::Session => "a statement on a session",
            Way::Transaction => "a transaction",
            Way::Shared => "a transaction of two tasks",
            Way::Savepoint => "a transaction with savepoints",
            Way::Streamed => "a transaction behind a stream",
            Way::CopyIn => "a COPY",
            Way::CopyLeft => "a COPY that is dropped",
        }
    }

    /// May it have been written although it failed like this?
    pub(crate) fn is_uncertain(self, error: &Error) -> bool {
        let commits_itself = matches!(
            self.way,
            Way::Statement | Way::Session | Way::CopyIn | Way::CopyLeft
        );
        match error.kind() {
            ErrorKind::UnknownOutcome => true,
            // Of a transaction before COMMIT was sent: else the kind would be another.
            ErrorKind::Disconnected => commits_itself,
            _ => false,
        }
    }

    /// Writes once.
    pub(crate) async fn attempt(
        self,
        db: &Database,
        ledger: &Ledger,
        first: i64,
        ghost: i64,
    ) -> Result<(), Error> {
        match self.way {
            Way::Statement => db.execute(INSERT, &[&first]).await.map(drop),
            Way::Session => {
                let session = db.checkout().await?;
                session.execute(INSERT, &[&first]).await.map(drop)
            }
            Way::Transaction => {
                db.transaction(async |tx| {
                    for id in first..first + self.rows() {
                        tx.execute(INSERT, &[&id]).await?;
                    }
                    Ok(())
                })
                .await
            }
            Way::Shared => self.shared(db, first).await,
            Way::Savepoint => self.between_savepoints(db, first, ghost).await,
            Way::Streamed => self.behind_a_stream(db, ledger, first).await,
            Way::CopyIn => {
                let session = db.checkout().await?;
                copy(&session, first, self.rows()).await
            }
            Way::CopyLeft => {
                let session = db.checkout().await?;
                let mut left = session.copy_in(TABLE_NAME, &["id"]).await?;
                for id in ghost..ghost + self.ghosts() {
                    left.write(&[&id]).await?;
                }
                drop(left);
                session.execute(INSERT, &[&first]).await.map(drop)
            }
        }
    }

    async fn shared(self, db: &Database, first: i64) -> Result<(), Error> {
        db.transaction(async |tx| {
            let mut tasks = JoinSet::new();
            for half in [first, first + 2] {
                let tx = tx.clone();
                tasks.spawn(async move {
                    for id in half..half + 2 {
                        tx.execute(INSERT, &[&id]).await?;
                    }
                    Ok::<_, Error>(())
                });
            }
            // Sent, and then nobody waits for it while the others do; it ends by itself, or is cancelled with all of them.
            if self.choice % 4 == 0 {
                let left = tx.query("SELECT count(*) FROM written WHERE id = 0", &[]);
                let _ = timeout(Duration::from_micros(200), left).await;
            }
            let mut outcome = Ok(());
            while let Some(ended) = tasks.join_next().await {
                let ended = ended.map_err(|cause| {
                    Error::new(ErrorKind::Internal, "a task panicked").with_source(cause)
                });
                outcome = outcome.and(ended.flatten());
            }
            outcome
        })
        .await
    }

    async fn between_savepoints(self, db: &Database, first: i64, ghost: i64) -> Result<(), Error> {
        db.transaction(async |tx| {
            tx.execute(INSERT, &[&first]).await?;
            let taken_back = tx.savepoint().await?;
            taken_back.execute(INSERT, &[&ghost]).await?;
            match self.choice % 2 {
                0 => drop(taken_back),
                _ => taken_back.rollback().await?,
            }
            let kept = tx.savepoint().await?;
            kept.execute(INSERT, &[&(first + 1)]).await?;
            kept.release().await
        })
        .await
    }

    async fn behind_a_stream(
        self,
        db: &Database,
        ledger: &Ledger,
        first: i64,
    ) -> Result<(), Error> {
        if self.choice % 2 == 0 {
            let session = db.checkout().await?;
            let mut pieces = session.copy_out(SERIES_OUT).await?;
            for _ in 0..self.choice {
                let Some(piece) = pieces.next().await else {
                    break;
                };
                piece?;
            }
            drop(pieces);
            // On the session that has to get rid of the rest.
            let mut session = session;
            let tx = session.begin();
            tx.execute(INSERT, &[&first]).await?;
            return tx.commit().await;
        }
        db.transaction(async |tx| {
            self.read_series(&tx, ledger).await?;
            tx.execute(INSERT, &[&first]).await.map(drop)
        })
        .await
    }

    async fn read_series(self, tx: &Transaction<'_>, ledger: &Ledger) -> Result<(), Error> {
        let mut rows = tx.stream(SERIES, &[&ROWS]).await?;
        for expected in 1..=self.choice {
            let Some(row) = rows.next().await else {
                ledger.wrong(format!("a stream ended before row {expected} of {ROWS}"));
                break;
            };
            let got: i32 = row?.get(0)?;
            if got != expected {
                ledger.wrong(format!("row {expected} of a stream is {got}"));
                break;
            }
        }
        Ok(())
    }
}

async fn copy(session: &Session, first: i64, rows: i64) -> Result<(), Error> {
    let mut copy = session.copy_in(TABLE_NAME, &["id"]).await?;
    for id in first..first + rows {
        copy.write(&[&id]).await?;
    }
    copy.finish().await.map(drop)
}

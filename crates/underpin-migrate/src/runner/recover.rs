//! How a statement ended that nobody saw end: the catalog is asked.

use super::builds;
use crate::Error;
use crate::progress::{Event, Progress};
use crate::sql::{Catalog, Statement, Subject};
#[cfg(doc)]
use underpin_core::ErrorKind;
use underpin_pool::{Row, Session};

const INDEX: &str = "\
SELECT format('%I.%I', n.nspname, i.relname), x.indisvalid, format('%I.%I', n.nspname, t.relname)
FROM pg_class AS t
JOIN pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_index AS x ON x.indrelid = t.oid
JOIN pg_class AS i ON i.oid = x.indexrelid
WHERE t.oid = to_regclass($1) AND i.relname = (parse_ident($2))[1]::name";

const REINDEX_REMAINS: &str = "\
SELECT format('%I.%I', n.nspname, i.relname), format('%I.%I', n.nspname, t.relname)
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_class AS t ON t.oid = x.indrelid
JOIN pg_namespace AS n ON n.oid = i.relnamespace
WHERE NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$'
  AND x.indrelid = coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass($1)), to_regclass($1))";

const DETACH: &str = "\
SELECT inhdetachpending FROM pg_inherits WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)";

/// How a statement stands in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It took effect.
    Done,
    /// It did not; what it left behind is gone. It can be run.
    NotDone,
}

/// Finds out how an interrupted statement ended, and clears its remains away.
///
/// # Errors
/// [`ErrorKind::Refused`] while another session builds what was left behind.
pub(super) async fn find_out(
    session: &Session,
    statement: &Statement,
    progress: &dyn Progress,
) -> Result<Found, Error> {
    let failed = |error| {
        Error::caused_by(
            "could not ask the catalog about an interrupted statement",
            error,
        )
    };
    match &statement.nature().subject {
        Subject::CreateIndex { .. } => match heal(session, statement, progress).await? {
            Healed::Valid | Healed::Finished => Ok(Found::Done),
            Healed::Absent => Ok(Found::NotDone),
        },
        Subject::DropIndex { index } => {
            let row = session
                .query_one("SELECT to_regclass($1) IS NULL", &[index])
                .await;
            Ok(found(row.and_then(|row| row.get(0)).map_err(failed)?))
        }
        Subject::Detach { table, partition } => {
            // Not attached any more: whether by this statement or before it, there is nothing left to detach.
            let pending = finalize(session, table, partition).await?;
            Ok(found(pending != Some(false)))
        }
        Subject::Global {
            catalog,
            name,
            create,
        } => {
            let exists = match catalog {
                Catalog::Database => {
                    "SELECT EXISTS (SELECT FROM pg_database WHERE datname = (parse_ident($1))[1]::name)"
                }
                Catalog::Tablespace => {
                    "SELECT EXISTS (SELECT FROM pg_tablespace WHERE spcname = (parse_ident($1))[1]::name)"
                }
                Catalog::Subscription => {
                    "SELECT EXISTS (SELECT FROM pg_subscription WHERE subname = (parse_ident($1))[1]::name)"
                }
            };
            let row = session.query_one(exists, &[name]).await;
            let exists: bool = row.and_then(|row| row.get(0)).map_err(failed)?;
            Ok(found(exists == *create))
        }
        Subject::Reindex { .. } => {
            heal(session, statement, progress).await?;
            Ok(Found::NotDone)
        }
        Subject::Repeatable => Ok(Found::NotDone),
        // The plan has asked for a decision before: see `Step::new`.
        Subject::Unknown => Err(Error::conflict(format!(
            "{}: nobody has decided how the interrupted statement ended",
            statement.place()
        ))),
    }
}

fn found(done: bool) -> Found {
    if done { Found::Done } else { Found::NotDone }
}

/// What is there after healing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Healed {
    /// An index of that name, whole.
    Valid,
    /// Nothing, any more.
    Absent,
    /// What an earlier run had begun was brought to its end.
    Finished,
}

/// Clears away what an earlier, failed or interrupted, run of a statement left behind: an INVALID index is dropped, a
/// detached partition that still waits for its end gets it.
///
/// An index that another session is building looks just as INVALID; it is left alone.
pub(super) async fn heal(
    session: &Session,
    statement: &Statement,
    progress: &dyn Progress,
) -> Result<Healed, Error> {
    match &statement.nature().subject {
        Subject::CreateIndex {
            index: Some(index),
            table,
        } => {
            let Some(found) = find_index(session, table, index).await? else {
                return Ok(Healed::Absent);
            };
            if found.is_valid {
                return Ok(Healed::Valid);
            }
            builds::refuse(session, statement, &found.table, &found.name).await?;
            // Whoever held the table up to now may have completed it.
            match find_index(session, table, index).await? {
                Some(found) if found.is_valid => return Ok(Healed::Valid),
                Some(found) => drop_invalid(session, &found.name, progress).await?,
                None => {}
            }
        }
        Subject::Reindex { target } => {
            let remains = remains_of_reindex(session, target).await?;
            if let Some((name, table)) = remains.first() {
                builds::refuse(session, statement, table, name).await?;
                for (name, _) in remains_of_reindex(session, target).await? {
                    drop_invalid(session, &name, progress).await?;
                }
            }
        }
        Subject::Detach { table, partition }
            if finalize(session, table, partition).await? == Some(true) =>
        {
            return Ok(Healed::Finished);
        }
        _ => {}
    }
    Ok(Healed::Absent)
}

/// An index as the catalog has it; names are SQL text.
struct FoundIndex {
    name: String,
    is_valid: bool,
    table: String,
}

async fn find_index(
    session: &Session,
    table: &str,
    index: &str,
) -> Result<Option<FoundIndex>, Error> {
    let row = session.query_opt(INDEX, &[&table, &index]).await;
    let read = row.and_then(|row| {
        let read = |row: Row| {
            Ok(FoundIndex {
                name: row.get(0)?,
                is_valid: row.get(1)?,
                table: row.get(2)?,
            })
        };
        row.map(read).transpose()
    });
    read.map_err(not_looked)
}

/// The INVALID indexes that a REINDEX has left, and their table.
async fn remains_of_reindex(
    session: &Session,
    target: &str,
) -> Result<Vec<(String, String)>, Error> {
    let rows = session.query(REINDEX_REMAINS, &[&target]).await;
    let read = rows.and_then(|rows| {
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        rows.iter().map(read).collect()
    });
    read.map_err(not_looked)
}

fn not_looked(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not look for INVALID indexes", error)
}

/// Ends a concurrent DETACH that waits for its end; true when there was one, None when the partition is not attached.
async fn finalize(session: &Session, table: &str, partition: &str) -> Result<Option<bool>, Error> {
    let failed = |error| Error::caused_by("could not finish an interrupted DETACH", error);
    let row = session.query_opt(DETACH, &[&table, &partition]).await;
    let pending = row.and_then(|row| row.map(|row| row.get(0)).transpose());
    let pending = pending.map_err(failed)?;
    if pending == Some(true) {
        let finalize = format!("ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE");
        session.batch(&finalize).await.map_err(failed)?;
    }
    Ok(pending)
}

async fn drop_invalid(session: &Session, name: &str, progress: &dyn Progress) -> Result<(), Error> {
    session
        .batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        .await
        .map_err(|error| {
            Error::caused_by(format!("could not drop the INVALID index {name}"), error)
        })?;
    progress.tell(&Event::Healed { index: name });
    Ok(())
}

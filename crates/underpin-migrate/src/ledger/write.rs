//! Writes the ledger.

use super::{RecordState, StatementState};
use crate::files::{Direction, Migration};
use crate::sql::Statement;
use crate::{Error, Hash};
use jiff::Timestamp;
use underpin_pool::Executor;

pub(super) const PROGRAM_VERSION: &str = concat!("underpin ", env!("CARGO_PKG_VERSION"));

const MIGRATION: &str = "\
INSERT INTO underpin.migrations AS m
    (chain, version, slug, parent, state, statements, raw_hash, meaning_hash, allows, started_at, finished_at,
     program_version, origin)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14)
ON CONFLICT (chain, version) DO UPDATE SET
    slug = excluded.slug, parent = excluded.parent, state = excluded.state, statements = excluded.statements,
    raw_hash = excluded.raw_hash, meaning_hash = excluded.meaning_hash, allows = excluded.allows,
    started_at = CASE WHEN $13 THEN excluded.started_at ELSE m.started_at END,
    finished_at = excluded.finished_at, origin = excluded.origin, run_by = excluded.run_by, run_from = excluded.run_from,
    program_version = excluded.program_version";

const REBLESS: &str = "\
UPDATE underpin.migrations SET slug = $3, raw_hash = $4, meaning_hash = $5, allows = $6, program_version = $7
WHERE chain = $1 AND version = $2";

const FORGET: &str = "DELETE FROM underpin.migrations WHERE chain = $1 AND version = $2";

const STATEMENTS: &str = "\
INSERT INTO underpin.migration_statements
    (chain, version, direction, ordinal, class, hash, state, sqlstate, rows, started_at, finished_at)
SELECT $1, $2, $3, s.*
FROM unnest($4::int[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::timestamptz[],
            $11::timestamptz[]) AS s
ON CONFLICT (chain, version, direction, ordinal) DO UPDATE SET
    class = excluded.class, hash = excluded.hash, state = excluded.state, sqlstate = excluded.sqlstate,
    rows = excluded.rows, started_at = excluded.started_at, finished_at = excluded.finished_at";

/// A migration's row as it is to be.
pub(crate) struct Entry<'a> {
    pub(crate) chain: &'a str,
    pub(crate) migration: &'a Migration,
    pub(crate) state: RecordState,
    /// Statements of the script that is being run.
    pub(crate) statement_count: usize,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
    /// Is this the first row of a run, so that its start counts?
    pub(crate) first: bool,
    pub(crate) origin: Origin,
}

/// How a migration comes to be in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Its statements were run.
    Run,
    /// Somebody said that it is applied.
    Stamp,
    /// Another tool had applied it.
    Adopt,
    /// The migrations that it was squashed from were applied.
    Squash,
}

/// A statement's row as it is to be.
#[derive(Debug, Clone)]
pub(crate) struct StatementEntry {
    pub(crate) ordinal: u32,
    pub(crate) class: &'static str,
    pub(crate) hash: Hash,
    pub(crate) state: StatementState,
    pub(crate) sqlstate: Option<String>,
    pub(crate) rows: Option<i64>,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
}

impl StatementEntry {
    /// A statement that begins now.
    pub(crate) fn started(statement: &Statement, now: Timestamp) -> Self {
        Self {
            ordinal: statement.ordinal(),
            class: statement.class().as_str(),
            hash: statement.hash(),
            state: StatementState::Started,
            sqlstate: None,
            rows: None,
            started_at: now,
            finished_at: None,
        }
    }

    /// The same statement, ended.
    pub(crate) fn ended(mut self, state: StatementState, now: Timestamp) -> Self {
        self.state = state;
        self.finished_at = Some(now);
        self
    }
}

/// Writes a migration's row. The checksums are those of its up file, in either direction.
pub(crate) async fn write_migration(db: &impl Executor, entry: &Entry<'_>) -> Result<(), Error> {
    let Entry {
        chain,
        migration,
        state,
        statement_count,
        started_at,
        finished_at,
        first,
        origin,
    } = entry;
    let up = &migration.up;
    // Of several the newest: the ledger only tells people.
    let parent = up.header().parents.iter().max().map(|it| it.to_i64());
    let allows = allows(migration);
    let origin = match origin {
        Origin::Run => "run",
        Origin::Stamp => "stamp",
        Origin::Adopt => "adopt",
        Origin::Squash => "squash",
    };
    let meaning = up.meaning_hash();
    let count = i32::try_from(*statement_count).unwrap_or(i32::MAX);
    db.execute(
        MIGRATION,
        &[
            chain,
            &migration.version.to_i64(),
            &migration.slug.as_str(),
            &parent,
            &state.as_str(),
            &count,
            &up.raw_hash().as_bytes(),
            &meaning.as_bytes(),
            &allows,
            started_at,
            finished_at,
            &PROGRAM_VERSION,
            first,
            &origin,
        ],
    )
    .await
    .map_err(failed)?;
    Ok(())
}

/// Takes the checksums of a migration's file as it is now for those of what was applied.
pub(crate) async fn write_rebless(
    db: &impl Executor,
    chain: &str,
    migration: &Migration,
) -> Result<(), Error> {
    let up = &migration.up;
    let meaning = up.meaning_hash();
    db.execute(
        REBLESS,
        &[
            &chain,
            &migration.version.to_i64(),
            &migration.slug.as_str(),
            &up.raw_hash().as_bytes(),
            &meaning.as_bytes(),
            &allows(migration),
            &PROGRAM_VERSION,
        ],
    )
    .await
    .map_err(failed)?;
    Ok(())
}

fn allows(migration: &Migration) -> serde_json::Value {
    serde_json::to_value(&migration.up.header().allows).unwrap_or_default()
}

/// Removes a migration's row, statements included.
pub(crate) async fn forget_migration(
    db: &impl Executor,
    chain: &str,
    version: crate::Version,
) -> Result<(), Error> {
    db.execute(FORGET, &[&chain, &version.to_i64()])
        .await
        .map_err(failed)?;
    Ok(())
}

/// Writes rows of statements, in one round trip.
pub(crate) async fn write_statements(
    db: &impl Executor,
    chain: &str,
    migration: &Migration,
    direction: Direction,
    entries: &[StatementEntry],
) -> Result<(), Error> {
    fn column<T>(entries: &[StatementEntry], of: impl Fn(&StatementEntry) -> T) -> Vec<T> {
        entries.iter().map(of).collect()
    }
    db.execute(
        STATEMENTS,
        &[
            &chain,
            &migration.version.to_i64(),
            &direction.as_str(),
            &column(entries, |it| i32::try_from(it.ordinal).unwrap_or(i32::MAX)),
            &column(entries, |it| it.class),
            &column(entries, |it| it.hash.as_bytes().to_vec()),
            &column(entries, |it| it.state.as_str()),
            &column(entries, |it| it.sqlstate.clone()),
            &column(entries, |it| it.rows),
            &column(entries, |it| it.started_at),
            &column(entries, |it| it.finished_at),
        ],
    )
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) fn failed(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not write the ledger of migrations", error)
}

//! Telling what the runner does while it does it.

use crate::Readiness;
use crate::files::{Direction, Version};
use std::time::Duration;

/// Hears of every step of a run: the command line shows it, a service logs it.
///
/// Called from the runner's task between its round trips; it must not block.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn tell(&self, event: &Event<'_>);
}

/// What happened.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another process is migrating; told once.
    Waiting {
        /// Who, as far as the server tells.
        holder: &'a str,
    },
    /// A program that may not begin yet goes on waiting for the one that migrates; told every few seconds.
    Following {
        /// Who migrates, as far as the server tells.
        holder: &'a str,
        /// What is required, and what is there.
        readiness: &'a Readiness,
        /// For how long it has waited.
        waited: Duration,
    },
    /// The lock is held and this is what will be run.
    Planned {
        /// How many migrations.
        migrations: usize,
        /// How many statements, those already done left out.
        statements: usize,
    },
    /// A migration begins.
    Migration {
        /// Which.
        version: Version,
        /// Its name.
        slug: &'a str,
        /// Forward or back.
        direction: Direction,
        /// How many of its statements were done by an earlier run.
        done: u32,
    },
    /// A statement begins.
    Statement {
        /// The file.
        file: &'a str,
        /// The line on which it begins.
        line: u32,
        /// Its number in the file.
        ordinal: u32,
        /// Its text.
        sql: &'a str,
    },
    /// An index is being built; told now and then.
    Building {
        /// The file.
        file: &'a str,
        /// The statement that builds it.
        ordinal: u32,
        /// What the server is doing, in its words.
        phase: &'a str,
        /// How much of the phase is done, in the server's units; 0 of 0 when it does not say.
        done: u64,
        /// How much there is.
        total: u64,
    },
    /// A migration in batches goes on; told after the first and the last batch, and now and then between.
    Batch {
        /// The migration, as a file would be called.
        file: &'a str,
        /// How many batches are done.
        batches: u64,
        /// How many rows are done.
        done: u64,
        /// How many there are, when that is known.
        total: Option<u64>,
    },
    /// A statement is done; with its neighbours it may yet be rolled back.
    StatementDone {
        /// The file.
        file: &'a str,
        /// Its number in the file.
        ordinal: u32,
        /// How long it took.
        duration: Duration,
        /// How many rows it affected.
        rows: u64,
    },
    /// A table lock was not granted in time; the statements of its transaction are tried again after a pause.
    Retrying {
        /// The file.
        file: &'a str,
        /// The statement that waited in vain.
        ordinal: u32,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// How many there will be.
        attempts: u32,
        /// How long the pause is.
        pause: Duration,
    },
    /// An index that an interrupted build left INVALID was dropped, to be built again.
    Healed {
        /// Its name.
        index: &'a str,
    },
    /// A statement whose end nobody saw turned out to be done.
    FoundDone {
        /// The file.
        file: &'a str,
        /// Its number in the file.
        ordinal: u32,
    },
    /// What a statement is about to destroy was copied into the quarantine.
    Kept {
        /// The table or column.
        object: &'a str,
        /// The copy.
        kept_as: &'a str,
        /// How many rows it has.
        rows: u64,
    },
    /// A repeatable file was run; told when all of them are committed.
    RepeatableDone {
        /// The file.
        file: &'a str,
    },
    /// A migration is applied, or reverted.
    MigrationDone {
        /// Which.
        version: Version,
        /// Its name.
        slug: &'a str,
        /// Forward or back.
        direction: Direction,
        /// How long this run worked on it.
        duration: Duration,
    },
    /// Something a person should look at, which does not stop the run.
    Warning {
        /// What.
        message: &'a str,
    },
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn tell(&self, _event: &Event<'_>) {}
}

/// Tells the log: migrations at info level, statements at debug level.
#[derive(Debug, Clone, Copy, Default)]
pub struct Logged;

impl Progress for Logged {
    fn tell(&self, event: &Event<'_>) {
        match *event {
            Event::Waiting { holder } => {
                tracing::info!(holder, "waiting for another process that is migrating");
            }
            Event::Following {
                holder,
                readiness,
                waited,
            } => {
                let waited = waited.as_secs();
                tracing::info!(
                    holder,
                    waited,
                    "waiting for another process that is migrating: {readiness}"
                );
            }
            Event::Planned {
                migrations,
                statements,
            } => {
                tracing::info!(migrations, statements, "migrating");
            }
            Event::Migration {
                version,
                slug,
                direction,
                done,
            } => {
                tracing::info!(migration.version = %version, slug, direction = direction.as_str(), done, "migration begins");
            }
            Event::Statement {
                file,
                line,
                ordinal,
                sql: _,
            } => {
                tracing::debug!(file, line, ordinal, "statement begins");
            }
            Event::Building {
                file,
                ordinal,
                phase,
                done,
                total,
            } => {
                tracing::info!(file, ordinal, phase, done, total, "building an index");
            }
            Event::Batch {
                file,
                batches,
                done,
                total,
            } => {
                tracing::info!(file, batches, done, total, "migrating data");
            }
            Event::StatementDone {
                file,
                ordinal,
                duration,
                rows,
            } => {
                tracing::debug!(
                    file,
                    ordinal,
                    duration_ms = millis(duration),
                    rows,
                    "statement is done"
                );
            }
            Event::Retrying {
                file,
                ordinal,
                attempt,
                attempts,
                pause,
            } => {
                tracing::warn!(
                    file,
                    ordinal,
                    attempt,
                    attempts,
                    pause_ms = millis(pause),
                    "no table lock in time, trying again"
                );
            }
            Event::Healed { index } => {
                tracing::warn!(index, "dropped an INVALID index, to be built again");
            }
            Event::FoundDone { file, ordinal } => {
                tracing::info!(
                    file,
                    ordinal,
                    "an interrupted statement turned out to be done"
                );
            }
            Event::Kept {
                object,
                kept_as,
                rows,
            } => {
                tracing::info!(object, kept_as, rows, "kept what would be lost");
            }
            Event::RepeatableDone { file } => {
                tracing::info!(file, "repeatable file was run");
            }
            Event::MigrationDone {
                version,
                slug,
                direction,
                duration,
            } => {
                tracing::info!(migration.version = %version, slug, direction = direction.as_str(), duration_ms = millis(duration), "migration is done");
            }
            Event::Warning { message } => tracing::warn!("{message}"),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

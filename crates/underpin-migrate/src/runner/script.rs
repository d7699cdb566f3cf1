//! Runs statements that the ledger does not list: those of repeatable files and of hooks.

use super::Migrator;
use super::failure::{Failure, Trouble};
use super::step::not_limited;
use crate::execute::{Runs, execute};
use crate::files::Script;
use crate::plan::Limits;
use crate::progress::Event;
use crate::sql::Statement;
use std::time::Instant;

/// Runs some statements of a script; their timeouts are set for `scope`, `LOCAL` or `SESSION`.
pub(super) async fn run<'a>(
    db: &impl Runs,
    scope: &str,
    migrator: &Migrator,
    script: &Script,
    statements: &'a [Statement],
) -> Result<(), Trouble<'a>> {
    let progress = migrator.progress.as_ref();
    for statement in statements {
        let limits = Limits::of(statement, script.header(), &migrator.settings);
        if let Some(set) = limits.sql(scope) {
            db.batch(&set).await.map_err(not_limited)?;
        }
        progress.tell(&Event::Statement {
            file: statement.file(),
            line: statement.line(),
            ordinal: statement.ordinal(),
            sql: statement.text(),
        });
        let began = Instant::now();
        let ran = execute(db, statement).await;
        let rows = ran.map_err(|error| Failure { statement, error })?;
        progress.tell(&Event::StatementDone {
            file: statement.file(),
            ordinal: statement.ordinal(),
            duration: began.elapsed(),
            rows,
        });
    }
    Ok(())
}

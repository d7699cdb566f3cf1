//! What a run will do, statement by statement, to be looked at before.

use super::{Group, Step, groups};
use crate::Settings;
use crate::files::{Repeatable, SqlHook};
use crate::plan::Limits;
use crate::sql::{Class, Statement, TableLock};
use serde::Serialize;
use std::time::Duration;

/// A statement as it will be run.
#[derive(Debug, Clone, Serialize)]
pub struct Preview<'a> {
    /// Its number in the file.
    pub ordinal: u32,
    /// The line on which it begins.
    pub line: u32,
    /// What the parser takes it for, as in `ALTER TABLE`; None when it does not understand it.
    pub kind: Option<String>,
    /// How it must be run.
    pub class: Class,
    /// The strongest lock on a table that was there before; None: none, or none is known.
    pub lock: Option<TableLock>,
    /// The transaction of this run of the file that it is in, from 1; None: it runs alone, outside any.
    pub transaction: Option<u32>,
    /// Does it stand for work that the program does in batches, a transaction each?
    pub batches: bool,
    /// How long it may wait for its lock; 0: without a limit; None: as the file itself has set.
    pub lock_timeout_ms: Option<u64>,
    /// How long it may take; None: as the file itself has set.
    pub statement_timeout_ms: Option<u64>,
    /// What the parser does not understand of it; PostgreSQL did.
    pub doubt: Option<&'a str>,
    /// Its text, without the semicolon.
    pub sql: &'a str,
}

impl Repeatable {
    /// Its statements as they will be run under these settings.
    #[must_use]
    pub fn preview(&self, settings: &Settings) -> Vec<Preview<'_>> {
        let statements = self.script.statements().unwrap_or_default();
        let limits = |it| Limits::of(it, self.script.header(), settings);
        let preview = |it| Preview::of(it, Some(1), limits(it));
        statements.iter().map(preview).collect()
    }
}

impl SqlHook {
    /// Its statements as they will be run under these settings.
    #[must_use]
    pub fn preview(&self, settings: &Settings) -> Vec<Preview<'_>> {
        let statements = self.script.statements().unwrap_or_default();
        let limits = |it| Limits::of(it, self.script.header(), settings);
        in_groups(statements, |it, transaction| {
            Preview::of(it, transaction, limits(it))
        })
    }
}

/// Shows statements with the transactions that they are in.
fn in_groups<'a>(
    statements: &'a [Statement],
    preview: impl Fn(&'a Statement, Option<u32>) -> Preview<'a>,
) -> Vec<Preview<'a>> {
    let mut previews = Vec::with_capacity(statements.len());
    let mut transactions = 0;
    for group in groups(statements) {
        match group {
            Group::Together(statements) => {
                transactions += 1;
                previews.extend(statements.iter().map(|it| preview(it, Some(transactions))));
            }
            Group::Alone(statement) => previews.push(preview(statement, None)),
        }
    }
    previews
}

impl<'a> Preview<'a> {
    fn of(statement: &'a Statement, transaction: Option<u32>, limits: Limits) -> Self {
        let millis = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        Self {
            ordinal: statement.ordinal(),
            line: statement.line(),
            kind: statement.kind(),
            class: statement.class(),
            lock: statement.lock(),
            transaction,
            batches: false,
            lock_timeout_ms: limits.lock.map(millis),
            statement_timeout_ms: limits.statement.map(millis),
            doubt: statement.doubt().map(|it| it.message.as_str()),
            sql: statement.text(),
        }
    }
}

impl Step {
    /// Its remaining statements as they will be run under these settings.
    #[must_use]
    pub fn preview(&self, settings: &Settings) -> Vec<Preview<'_>> {
        in_groups(self.remaining(), |it, transaction| {
            self.of(it, transaction, settings)
        })
    }

    fn of<'a>(
        &self,
        statement: &'a Statement,
        transaction: Option<u32>,
        settings: &Settings,
    ) -> Preview<'a> {
        Preview {
            batches: self.work().is_some(),
            ..Preview::of(statement, transaction, self.limits(statement, settings))
        }
    }

    /// The timeouts of one of its statements.
    pub(crate) fn limits(&self, statement: &Statement, settings: &Settings) -> Limits {
        let none = crate::files::Header::default();
        let header = self.script().map_or(&none, |it| it.header());
        Limits::of(statement, header, settings)
    }
}

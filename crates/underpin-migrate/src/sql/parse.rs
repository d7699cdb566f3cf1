//! From text to statements.

use super::psql::tokens;
use super::statement::{Doubt, OwnTimeouts, Statement};
use super::{classify, psql, refuse, split};
use crate::files::Lines;
use crate::{Error, checksum};
use std::sync::Arc;

/// Splits and understands a script; `file` names it in errors.
///
/// # Errors
/// What can never run in a migration: see [`refuse`]. A statement that only the grammar does not understand is kept,
/// with a [`Doubt`].
pub(crate) fn parse(file: &Arc<str>, text: &str) -> Result<Vec<Statement>, Error> {
    let lines = Lines::new(file, text);
    let tokens = tokens(text);
    let mut statements = Vec::new();
    let mut own_timeouts = OwnTimeouts::default();
    for (index, piece) in split(text, &tokens).into_iter().enumerate() {
        let (sql, rows) = split::without_rows(piece);
        let (Some(first), Some(last)) = (sql.first(), sql.last()) else {
            continue;
        };
        refuse::check(&lines, text, sql, rows)?;
        let (line, column) = lines.line_and_column(first.start);
        let statement_text = &text[first.start..last.end];
        let understood = classify::classify(statement_text, text, sql);
        let mut statement = Statement {
            ordinal: u32::try_from(index + 1).unwrap_or(u32::MAX),
            text: String::from(statement_text),
            rows: rows.map(|it| String::from(psql::rows(&text[it.start..it.end]))),
            file: Arc::clone(file),
            line,
            column,
            hash: checksum::statement(text, piece),
            nature: understood.nature,
            own_timeouts,
            doubt: None,
        };
        own_timeouts = own_timeouts.after(&statement.nature);
        statement.doubt = understood.doubt.map(|(message, offset)| {
            let (line, column) = statement.line_and_column(offset);
            Doubt {
                message,
                line,
                column,
            }
        });
        statements.push(statement);
    }
    Ok(statements)
}

#[cfg(test)]
mod tests;

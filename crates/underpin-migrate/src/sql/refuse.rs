//! What can never run in a migration, whatever the server thinks of it.

use super::encoding;
use super::psql;
use super::token::{Token, TokenKind};
use crate::Error;
use crate::files::Lines;

/// Deepest nesting of parentheses that is handed to the parser, which is recursive.
const PARENS_MAX: usize = 256;

/// Refuses transaction control, rows without an end, psql's own commands and text without an end. `rows` follow the
/// statement in the script.
///
/// # Errors
/// [`InvalidInput`](underpin_core::ErrorKind::InvalidInput), naming file, line and column.
pub(super) fn check(
    lines: &Lines<'_>,
    text: &str,
    piece: &[Token],
    rows: Option<Token>,
) -> Result<(), Error> {
    let words = Words { text, piece };
    let start = piece[0].start;
    let refuse = |offset, what: &str, hint: &'static str| {
        Err(Error::bad_input(&lines.place(offset), what).with_hint(hint))
    };
    if words.is_transaction_control() {
        return refuse(
            start,
            "transaction control in a migration",
            "remove it: Underpin runs the statements of a file in transactions of its own, and those that cannot \
             be in one alone",
        );
    }
    if words.starts(&["copy"]) && words.pair("to", "stdout") {
        return refuse(
            start,
            "COPY to the client in a migration",
            "nobody reads what it sends: leave it out, or copy into a table",
        );
    }
    if words.starts(&["copy"]) && words.pair("from", "stdin") && rows.is_none() {
        return refuse(
            start,
            "COPY from the client without rows",
            "write the rows on the lines after the semicolon, and a line \\. after them, as pg_dump does; or write INSERT \
             statements",
        );
    }
    if let Some(rows) = rows.filter(|it| it.open) {
        return refuse(
            rows.start,
            "the rows that begin here never end",
            "write a line \\. after the last one",
        );
    }
    if words.starts(&["discard", "all"]) {
        return refuse(
            start,
            "DISCARD ALL releases the migration lock",
            "use RESET ALL; each migration starts with the session's defaults anyway",
        );
    }
    if let Some(offset) = encoding::changed_by(&words) {
        return refuse(
            offset,
            "changes client_encoding: the file and the connection are UTF-8, and everything after it would be stored \
             as other letters",
            "leave it out, and save the file as UTF-8: PostgreSQL converts to the database's own encoding by itself",
        );
    }
    for token in piece {
        if token.open {
            return refuse(
                token.start,
                "a quote or comment that begins here never ends",
                "close it; in a string, write a quote twice: 'it''s'. A backslash is a letter there, as \
                 standard_conforming_strings=on has it: files are read so whatever a SET in them or the server says; \
                 for escapes write E'it\\'s'",
            );
        }
        if token.kind == TokenKind::Unknown {
            return match psql::command(text, token.start) {
                Some(command) => {
                    let what = format!("\\{command} is a command of psql, not SQL");
                    refuse(
                        token.start,
                        &what,
                        "write SQL only: of psql's commands \\restrict and \\unrestrict at the beginning of a line are \
                         skipped, and \\. ends the rows of a COPY",
                    )
                }
                None => refuse(
                    token.start,
                    "a character that SQL has no use for",
                    "remove it",
                ),
            };
        }
    }
    if let Some(deepest) = too_deep(piece) {
        return refuse(
            deepest,
            "more than 256 parentheses inside one another",
            "split the expression",
        );
    }
    Ok(())
}

fn too_deep(piece: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for token in piece {
        match token.kind {
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > PARENS_MAX {
            return Some(token.start);
        }
    }
    None
}

/// Questions about the words of a statement.
pub(super) struct Words<'a> {
    pub(super) text: &'a str,
    pub(super) piece: &'a [Token],
}

impl Words<'_> {
    fn significant(&self) -> impl Iterator<Item = &Token> {
        self.piece.iter().filter(|token| !token.is_trivia())
    }

    /// Does the statement begin with these words?
    pub(super) fn starts(&self, words: &[&str]) -> bool {
        let mut tokens = self.significant();
        words.iter().all(|word| {
            tokens
                .next()
                .is_some_and(|token| token.is_word(self.text, word))
        })
    }

    /// Is the word anywhere in it?
    pub(super) fn contains(&self, word: &str) -> bool {
        self.piece
            .iter()
            .any(|token| token.is_word(self.text, word))
    }

    /// Do the two words follow each other?
    fn pair(&self, first: &str, second: &str) -> bool {
        let mut before = false;
        for token in self.significant() {
            if before && token.is_word(self.text, second) {
                return true;
            }
            before = token.is_word(self.text, first);
        }
        false
    }

    fn is_transaction_control(&self) -> bool {
        let control: [&[&str]; 10] = [
            &["begin"],
            &["start", "transaction"],
            &["commit"],
            &["end"],
            &["rollback"],
            &["abort"],
            &["savepoint"],
            &["release"],
            &["prepare", "transaction"],
            &["set", "session", "characteristics"],
        ];
        control.iter().any(|words| self.starts(words))
    }
}

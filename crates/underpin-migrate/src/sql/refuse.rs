//! What can never run in a migration, whatever the server thinks of it.

use super::token::{Token, TokenKind};
use crate::Error;
use crate::files::Lines;

/// Deepest nesting of parentheses that is handed to the parser, which is recursive.
const PARENS_MAX: usize = 256;

/// Refuses transaction control, data inside the script, psql's own commands and text without an end.
///
/// # Errors
/// [`InvalidInput`](underpin_core::ErrorKind::InvalidInput), naming file, line and column.
pub(super) fn check(lines: &Lines<'_>, text: &str, piece: &[Token]) -> Result<(), Error> {
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
    let through_the_client = words.pair("from", "stdin") || words.pair("to", "stdout");
    if through_the_client && words.starts(&["copy"]) {
        return refuse(
            start,
            "COPY from or to the client in a migration",
            "only psql can read data from the script: write INSERT statements, or load the data separately",
        );
    }
    if words.starts(&["discard", "all"]) {
        return refuse(
            start,
            "DISCARD ALL releases the migration lock",
            "use RESET ALL; each migration starts with the session's defaults anyway",
        );
    }
    for token in piece {
        if token.open {
            return refuse(
                token.start,
                "a quote or comment that begins here never ends",
                "close it; in a string, write a quote twice: 'it''s'",
            );
        }
        if token.kind == TokenKind::Unknown {
            return if text[token.start..].starts_with('\\') {
                refuse(
                    token.start,
                    "a psql command (\\) is not SQL",
                    "write SQL only: \\i, \\set and their like work in psql alone",
                )
            } else {
                refuse(
                    token.start,
                    "a character that SQL has no use for",
                    "remove it",
                )
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

//! What is not SQL in a script: commands of psql, and rows after `COPY … FROM stdin`.
//!
//! A migration may have such rows with their end, and the two lines that frame a dump: nothing is said about those.

use super::{Unread, blank};
use crate::sql::{Token, TokenKind, tokens_from};

/// What ends the data of a COPY.
const END_OF_DATA: &str = "\\.";

/// The commands of psql that are skipped, not refused.
const SKIPPED: [&str; 2] = ["\\restrict", "\\unrestrict"];

/// Replaces it by spaces: whatever it says, it is not SQL.
pub(super) fn take_out(text: &mut String, unread: &mut Vec<Unread>) {
    // Few migrations have either.
    let may_have = |text: &str| ["\\", "stdin", "STDIN"].iter().any(|it| text.contains(it));
    let mut from = 0;
    while may_have(&text[from..]) {
        let Some((range, found)) = next(text, from) else {
            return;
        };
        from = range.1;
        blank(text, [range]);
        unread.extend(found);
    }
}

/// The next piece that is not SQL, and what is said about it.
fn next(text: &str, from: usize) -> Option<((usize, usize), Option<Unread>)> {
    let mut statement: Vec<Token> = Vec::new();
    for token in tokens_from(text, from) {
        if token.kind == TokenKind::Semicolon {
            if let Some(unread) = copy(text, &statement) {
                let start = line_end(text, token.end);
                let end = end_of_data(text, start);
                let is_whole = text[start..end].trim_end().ends_with(END_OF_DATA);
                return Some(((start, end), Some(unread).filter(|_| !is_whole)));
            }
            statement.clear();
        } else if text[token.start..].starts_with('\\') && begins_line(text, token.start) {
            let range = (token.start, line_end(text, token.start));
            let message = "This is a command of psql: no other program understands it.";
            let message = String::from(message);
            let unread = Unread { range, message };
            let command = text[token.start..].split_whitespace().next();
            let is_skipped = command.is_some_and(|it| SKIPPED.contains(&it));
            return Some((range, Some(unread).filter(|_| !is_skipped)));
        } else if !token.is_trivia() {
            statement.push(token);
        }
    }
    None
}

/// What is said about `COPY … FROM stdin`; none about other statements.
fn copy(text: &str, statement: &[Token]) -> Option<Unread> {
    let first = statement.first().filter(|it| it.is_word(text, "copy"))?;
    let mut pairs = statement.windows(2);
    pairs.find(|it| it[0].is_word(text, "from") && it[1].is_word(text, "stdin"))?;
    let message = "The rows of COPY … FROM stdin have no end: a line \\. after the last one.";
    Some(Unread {
        range: (first.start, statement.last()?.end),
        message: String::from(message),
    })
}

fn begins_line(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}

/// Where the line of a byte ends, without its line feed.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |it| at + it)
}

/// Where the data that begins after this line feed ends: behind the line that says so, or with the text.
fn end_of_data(text: &str, start: usize) -> usize {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == END_OF_DATA {
            return at;
        }
    }
    text.len()
}

//! What only psql understands in a script: its own commands, and data after `COPY … FROM stdin`.

use super::{Unread, blank};
use crate::sql::{Token, TokenKind, tokens_from};

/// What ends the data of a COPY.
const END_OF_DATA: &str = "\\.";

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
        unread.push(found);
    }
}

/// The next piece that is not SQL, and what is said about it.
fn next(text: &str, from: usize) -> Option<((usize, usize), Unread)> {
    let mut statement: Vec<Token> = Vec::new();
    for token in tokens_from(text, from) {
        if token.kind == TokenKind::Semicolon {
            if let Some(unread) = copy(text, &statement) {
                let start = line_end(text, token.end);
                return Some(((start, end_of_data(text, start)), unread));
            }
            statement.clear();
        } else if text[token.start..].starts_with('\\') && begins_line(text, token.start) {
            let range = (token.start, line_end(text, token.start));
            let message = "This is a command of psql: no other program understands it.";
            let message = String::from(message);
            return Some((range, Unread { range, message }));
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
    let message = "COPY … FROM stdin reads rows that only psql finds in the script.";
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

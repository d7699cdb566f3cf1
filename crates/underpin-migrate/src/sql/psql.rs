//! What `pg_dump` writes for psql beside SQL: rows after `COPY … FROM stdin;`, and the lines that frame a dump.
//!
//! Rows begin on the line after the statement and end with a line `\.`. Since a security release of 2025 the first and last
//! line of a dump are `\restrict KEY` and `\unrestrict KEY`, which keep psql from other commands: without psql they say
//! nothing. Both are tokens of their own, so that everything that reads a script agrees about them.

use super::token::{Token, TokenKind, tokens_from};

/// What ends the rows of a COPY.
const END_OF_DATA: &str = "\\.";

/// The commands of psql that mean nothing without psql.
const FRAME: [&str; 2] = ["restrict", "unrestrict"];

/// All tokens of a script, trivia included, without gaps.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    // Few scripts have either.
    if !text.contains('\\') {
        return tokens_from(text, 0).collect();
    }
    let mut found = Vec::new();
    let mut from = Some(0);
    while let Some(start) = from {
        from = read(text, start, &mut found);
    }
    found
}

/// A script as one text of SQL for the server, without the lines that are skipped; None when rows follow a COPY in it.
pub(crate) fn as_one(text: &str) -> Option<String> {
    let mut sql = String::with_capacity(text.len());
    for token in tokens(text) {
        match token.kind {
            TokenKind::CopyData => return None,
            TokenKind::PsqlLine => {}
            _ => sql.push_str(&text[token.start..token.end]),
        }
    }
    Some(sql)
}

/// Does a script have lines that are skipped?
pub(crate) fn is_framed(text: &str) -> bool {
    text.contains('\\') && tokens(text).iter().any(|it| it.kind == TokenKind::PsqlLine)
}

/// The rows of a COPY as the server takes them, without the line that ends them.
pub(super) fn rows(data: &str) -> &str {
    let end = data
        .trim_end_matches(['\r', '\n'])
        .trim_end_matches([' ', '\t', '\r']);
    end.strip_suffix(END_OF_DATA).unwrap_or(data)
}

/// Reads up to what is not SQL, that included, and says where to go on; None at the end of the text.
fn read(text: &str, from: usize, found: &mut Vec<Token>) -> Option<usize> {
    let mut statement = Follow::default();
    for token in tokens_from(text, from) {
        if token.kind == TokenKind::Unknown && is_frame(text, token.start) {
            let end = line_end(text, token.start);
            found.push(piece(TokenKind::PsqlLine, token.start, end));
            return Some(end);
        }
        found.push(token);
        if statement.ends_before_rows(text, &token) {
            let line = line_end(text, token.end);
            if !text[token.end..line].trim().is_empty() || line == text.len() {
                continue;
            }
            let (start, end) = (line + 1, end_of_data(text, line + 1));
            found.push(piece(TokenKind::Space, token.end, start));
            found.push(Token {
                open: end.is_none(),
                ..piece(TokenKind::CopyData, start, end.unwrap_or(text.len()))
            });
            return end;
        }
    }
    None
}

fn piece(kind: TokenKind, start: usize, end: usize) -> Token {
    Token {
        kind,
        start,
        end,
        open: false,
    }
}

/// Follows the words of a statement.
#[derive(Default)]
struct Follow {
    is_begun: bool,
    is_copy: bool,
    after_from: bool,
    from_stdin: bool,
    parens: usize,
}

impl Follow {
    /// Is the token the semicolon of a `COPY … FROM stdin`?
    fn ends_before_rows(&mut self, text: &str, token: &Token) -> bool {
        if token.is_trivia() {
            return false;
        }
        match token.kind {
            TokenKind::Semicolon if self.parens == 0 => {
                return std::mem::take(self).from_stdin;
            }
            TokenKind::OpenParen => self.parens += 1,
            TokenKind::CloseParen => self.parens = self.parens.saturating_sub(1),
            _ => {}
        }
        if !std::mem::replace(&mut self.is_begun, true) {
            self.is_copy = token.is_word(text, "copy");
        }
        let is_outside = self.is_copy && self.parens == 0;
        self.from_stdin |= is_outside && self.after_from && token.is_word(text, "stdin");
        self.after_from = is_outside && token.is_word(text, "from");
        false
    }
}

fn is_frame(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    let begins_line = before.is_empty() || before.ends_with('\n');
    begins_line && command(text, at).is_some_and(|name| FRAME.contains(&name))
}

/// The name of the command of psql that begins with this backslash.
pub(super) fn command(text: &str, at: usize) -> Option<&str> {
    text[at..].strip_prefix('\\')?.split_whitespace().next()
}

/// Where the line of a byte ends, without its line feed.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |it| at + it)
}

/// Where the rows that begin here end: behind the line that says so.
fn end_of_data(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == END_OF_DATA {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of what is not SQL.
    fn found(text: &str) -> Vec<&str> {
        let tokens = tokens(text);
        let mut end = 0;
        for token in &tokens {
            assert_eq!(token.start, end, "no gaps: {text}");
            end = token.end;
        }
        assert_eq!(end, text.len(), "{text}");
        let kinds = [TokenKind::CopyData, TokenKind::PsqlLine];
        let found = tokens
            .iter()
            .filter(|it| kinds.contains(&it.kind) && !it.open);
        found.map(|it| &text[it.start..it.end]).collect()
    }

    #[test]
    fn rows_and_the_frame_of_a_dump_are_found() {
        let dump = "\\restrict abc\nSET a = 1;\nCOPY t (a, b) FROM stdin;\n1\tit's; $$\n\\N\t\\\\.\n\\.\n\n\
                    COPY u FROM stdin;\n\\.\nSELECT 1;\n\\unrestrict abc\n";
        assert_eq!(
            found(dump),
            [
                "\\restrict abc",
                "1\tit's; $$\n\\N\t\\\\.\n\\.\n",
                "\\.\n",
                "\\unrestrict abc"
            ]
        );
        assert_eq!(found("copy t from STDIN (FORMAT csv);\n1\n\\."), ["1\n\\."]);
    }

    #[test]
    fn what_only_looks_so_is_not_taken_for_it() {
        for text in [
            "SELECT '\\.'; COPY t FROM '/file';\n\\.\n",
            "COPY (SELECT a FROM stdin) TO STDOUT;\n1\n\\.\n",
            "SELECT 'COPY t FROM stdin;\n1\n\\.\n'",
            "INSERT INTO copy SELECT * FROM stdin;\n\\.\n",
            "\\connect other\n",
            "COPY t FROM stdin; SELECT 1;\n\\.\n",
            "SELECT 1; \\restrict x\n",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn rows_without_an_end_are_open() {
        let tokens = tokens("COPY t FROM stdin;\n1\nSELECT '\\';");
        assert!(
            tokens
                .last()
                .is_some_and(|it| it.open && it.kind == TokenKind::CopyData)
        );
    }

    #[test]
    fn the_line_that_ends_rows_is_not_one_of_them() {
        assert_eq!(rows("1\n2\n\\.\n"), "1\n2\n");
        assert_eq!(rows("\\."), "");
        assert_eq!(rows("1\n\\. \r\n"), "1\n");
    }
}

//! The text inside a literal: the body of a `DO` or a function, or SQL that is put together there.

use super::psql::tokens;
use super::token::{Token, TokenKind};

/// A literal's text without its quotes; escapes stay as they are written.
pub(super) fn inside(literal: &str) -> &str {
    if let Some(rest) = literal.strip_prefix('$') {
        let tag = rest.find('$').map_or(literal.len(), |at| at + 2);
        let end = literal.len().saturating_sub(tag);
        return literal.get(tag..end).unwrap_or_default();
    }
    match (literal.find('\''), literal.rfind('\'')) {
        (Some(start), Some(end)) if start < end => &literal[start + 1..end],
        _ => "",
    }
}

/// The tokens of a text that mean something.
pub(super) fn significant(text: &str) -> Vec<Token> {
    let mut tokens = tokens(text);
    tokens.retain(|token| !token.is_trivia());
    tokens
}

/// A text and its tokens without trivia.
pub(super) struct Script<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
}

impl Script<'_> {
    /// Do these words follow each other anywhere?
    pub(super) fn has(&self, words: &[&str]) -> bool {
        let mut windows = self.tokens.windows(words.len());
        windows.any(|it| {
            let mut pairs = it.iter().zip(words);
            pairs.all(|(token, word)| token.is_word(self.text, word))
        })
    }

    /// A token's text in lower case.
    pub(super) fn word(&self, index: usize) -> Option<String> {
        let token = self.tokens.get(index)?;
        Some(self.text[token.start..token.end].to_ascii_lowercase())
    }
}

/// The words that may end a transaction in the languages of procedures.
const ENDS: [&str; 4] = ["commit", "rollback", "spi_commit", "spi_rollback"];

/// Does a body end transactions? `COMMIT;`, `COMMIT AND CHAIN;`, `plpy.commit()`, `spi_commit()`; not a column of that name.
pub(super) fn ends_transactions(body: &str) -> bool {
    let tokens = significant(body);
    tokens.windows(2).any(|pair| {
        let (word, next) = (&pair[0], &pair[1]);
        ENDS.iter().any(|end| word.is_word(body, end))
            && (matches!(next.kind, TokenKind::Semicolon | TokenKind::OpenParen)
                || next.is_word(body, "and"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off() {
        for (literal, expected) in [
            ("$$a$$", "a"),
            ("$tag$a $$ b$tag$", "a $$ b"),
            ("'a''b'", "a''b"),
            (r"E'a\'b'", r"a\'b"),
            ("$$", ""),
            ("'", ""),
            ("12", ""),
        ] {
            assert_eq!(inside(literal), expected, "{literal}");
        }
    }

    #[test]
    fn what_ends_a_transaction_is_told_from_a_name() {
        for body in [
            "BEGIN UPDATE t SET a = 1; COMMIT; END",
            "BEGIN COMMIT AND CHAIN; END",
            "BEGIN CALL p(); COMMIT -- now\n; END",
            "BEGIN ROLLBACK; END",
            "plpy.execute('x')\nplpy.commit()",
            "spi_commit();",
        ] {
            assert!(ends_transactions(body), "{body}");
        }
        for body in [
            "BEGIN INSERT INTO t (commit) VALUES (1); END",
            "BEGIN NULL; /* COMMIT; */ END",
            "BEGIN RAISE NOTICE 'COMMIT;'; END",
            "BEGIN x := rollback_count; END",
        ] {
            assert!(!ends_transactions(body), "{body}");
        }
    }
}

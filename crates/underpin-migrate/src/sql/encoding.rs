//! Whether a statement makes the server read the rest of the session in another encoding.
//!
//! Files are UTF-8, and so is the connection. After `SET client_encoding = 'LATIN1'` the server would take each byte of
//! an é for a letter of its own, and store both without an error.

use super::body::{inside, significant};
use super::refuse::Words;
use super::token::{Token, TokenKind};

const SETTING: &str = "client_encoding";

/// Where a statement changes the encoding of the client to another one than UTF-8: a byte offset.
///
/// `ALTER ROLE … SET client_encoding`, and a function with such a clause, do not: the connection asks for UTF-8 when it is
/// opened, which counts more than what a role has, and a function's setting ends with it.
pub(super) fn changed_by(words: &Words<'_>) -> Option<usize> {
    let tokens: Vec<Token> = words
        .piece
        .iter()
        .filter(|it| !it.is_trivia())
        .copied()
        .collect();
    set(words.text, &tokens)
        .or_else(|| calls(words.text, &tokens))
        .or_else(|| {
            if words.starts(&["do"]) {
                in_body(words.text, &tokens)
            } else {
                None
            }
        })
}

/// `SET [SESSION | LOCAL] client_encoding { TO | = } …` and `SET [SESSION | LOCAL] NAMES …` at the beginning.
fn set(text: &str, tokens: &[Token]) -> Option<usize> {
    let (first, mut rest) = tokens
        .split_first()
        .filter(|(it, _)| it.is_word(text, "set"))?;
    if let [scope, after @ ..] = rest
        && (scope.is_word(text, "session") || scope.is_word(text, "local"))
    {
        rest = after;
    }
    let value = match rest {
        [name, value @ ..] if name.is_word(text, "names") => value,
        [name, to, value @ ..]
            if is_setting(text, name)
                && (to.is_word(text, "to") || &text[to.start..to.end] == "=") =>
        {
            value
        }
        _ => return None,
    };
    let written = value.first().map_or("", |it| &text[it.start..it.end]);
    (!is_utf8(written)).then_some(first.start)
}

/// `set_config('client_encoding', …, …)` anywhere.
fn calls(text: &str, tokens: &[Token]) -> Option<usize> {
    let call = tokens.windows(5).find(|it| {
        let [function, paren, name, _, value] = it else {
            return false;
        };
        function.is_word(text, "set_config")
            && paren.kind == TokenKind::OpenParen
            && name.kind == TokenKind::Literal
            && inside(&text[name.start..name.end]).eq_ignore_ascii_case(SETTING)
            && !is_utf8(&text[value.start..value.end])
    })?;
    call.first().map(|it| it.start)
}

/// The same as a statement of a block.
fn in_body(text: &str, tokens: &[Token]) -> Option<usize> {
    tokens
        .iter()
        .filter(|it| it.kind == TokenKind::Literal)
        .find_map(|it| {
            let body = inside(&text[it.start..it.end]);
            let tokens = significant(body);
            let statements = tokens
                .iter()
                .enumerate()
                .filter(|(_, it)| it.is_word(body, "set"));
            let mut sets = statements.filter_map(|(index, _)| set(body, &tokens[index..]));
            (sets.next().is_some() || calls(body, &tokens).is_some()).then_some(it.start)
        })
}

fn is_setting(text: &str, token: &Token) -> bool {
    token.is_word(text, SETTING) || text[token.start..token.end].trim_matches('"') == SETTING
}

/// The names under which PostgreSQL knows UTF-8, and the value that the connection began with.
fn is_utf8(written: &str) -> bool {
    let plain = written.trim_matches(['\'', '"']);
    let letters = plain.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|it| it.to_ascii_lowercase()).collect();
    matches!(name.as_str(), "utf8" | "unicode" | "default")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    fn changes(text: &str) -> bool {
        let piece = significant(text);
        assert!(!tokens(text).is_empty());
        changed_by(&Words {
            text,
            piece: &piece,
        })
        .is_some()
    }

    #[test]
    fn every_way_to_another_encoding_is_found() {
        for text in [
            "SET client_encoding = 'LATIN1'",
            "set session client_encoding to latin1",
            "SET LOCAL \"client_encoding\" TO 'WIN1252'",
            "SET NAMES 'SQL_ASCII'",
            "SET SESSION NAMES 'LATIN9'",
            "SELECT set_config('client_encoding', 'LATIN1', false)",
            "INSERT INTO t SELECT set_config('CLIENT_ENCODING', $$LATIN1$$, true)",
            "DO $$ BEGIN SET client_encoding = 'LATIN1'; END $$",
            "DO $$ BEGIN PERFORM set_config('client_encoding', x, false); END $$",
        ] {
            assert!(changes(text), "{text}");
        }
    }

    #[test]
    fn utf8_and_what_does_not_last_are_let_through() {
        for text in [
            "SET client_encoding = 'UTF8'",
            "SET client_encoding TO 'utf-8'",
            "SET NAMES 'UNICODE'",
            "SET client_encoding TO DEFAULT",
            "SET NAMES DEFAULT",
            "RESET client_encoding",
            "SELECT set_config('client_encoding', 'UTF8', false)",
            "ALTER ROLE app SET client_encoding = 'LATIN1'",
            "SELECT 'SET client_encoding = LATIN1'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET client_encoding = 'LATIN1' AS 'SELECT 1'",
        ] {
            assert!(!changes(text), "{text}");
        }
    }
}

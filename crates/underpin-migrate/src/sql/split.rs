//! Cuts a script into statements, by psql's rules.
//!
//! A semicolon ends a statement outside quotes (the lexer's work), outside parentheses (`CREATE RULE … DO (a; b)`)
//! and outside the `BEGIN ATOMIC … END` body of an SQL function.

use super::token::{Token, TokenKind};

/// The statements: their tokens, without the semicolon and without trivia at both ends. Empty ones are left out.
///
/// Rows that follow a COPY are a part of it; its semicolon stands before them.
pub(crate) fn split<'t>(text: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut depth = Depth::default();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::CopyData {
            continue;
        }
        if token.kind == TokenKind::Semicolon && depth.is_zero() {
            let rows = rows_after(&tokens[index + 1..]).map(|it| index + 1 + it);
            pieces.push(trimmed(&tokens[start..rows.map_or(index, |it| it + 1)]));
            start = rows.unwrap_or(index) + 1;
            depth = Depth::default();
        } else {
            depth.follow(text, token);
        }
    }
    pieces.push(trimmed(&tokens[start..]));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Where the rows stand that follow a semicolon.
fn rows_after(tokens: &[Token]) -> Option<usize> {
    let next = tokens.iter().position(|it| it.kind != TokenKind::Space)?;
    (tokens[next].kind == TokenKind::CopyData).then_some(next)
}

/// A statement's tokens without the rows that follow it, and those.
pub(crate) fn without_rows(piece: &[Token]) -> (&[Token], Option<Token>) {
    match piece.split_last() {
        Some((rows, statement)) if rows.kind == TokenKind::CopyData => {
            let end = statement
                .iter()
                .rposition(|it| it.kind == TokenKind::Semicolon);
            (
                trimmed(&statement[..end.unwrap_or(statement.len())]),
                Some(*rows),
            )
        }
        _ => (piece, None),
    }
}

fn trimmed(tokens: &[Token]) -> &[Token] {
    let first = tokens.iter().position(|token| !token.is_trivia());
    let last = tokens.iter().rposition(|token| !token.is_trivia());
    match (first, last) {
        (Some(first), Some(last)) => &tokens[first..=last],
        _ => &[],
    }
}

/// How deep inside parentheses and function bodies the reader is.
#[derive(Default)]
struct Depth {
    parens: usize,
    blocks: usize,
    /// Set from the first words: is this `CREATE [OR REPLACE] {FUNCTION|PROCEDURE}`?
    routine: Routine,
    before: Before,
}

#[derive(Default, PartialEq)]
enum Routine {
    #[default]
    Start,
    Create,
    Or,
    Replace,
    Yes,
    No,
}

/// The significant token before: it decides whether a word is a keyword here.
#[derive(Default, PartialEq)]
enum Before {
    #[default]
    Anything,
    /// After `.` or `AS` any keyword is a name.
    Naming,
    /// `BEGIN` opens a body only before `ATOMIC`.
    Begin,
}

impl Depth {
    fn is_zero(&self) -> bool {
        self.parens == 0 && self.blocks == 0
    }

    fn follow(&mut self, text: &str, token: &Token) {
        if token.is_trivia() {
            return;
        }
        match token.kind {
            TokenKind::OpenParen => self.parens += 1,
            TokenKind::CloseParen => self.parens = self.parens.saturating_sub(1),
            TokenKind::Word => self.word(text, token),
            _ => {}
        }
        self.before = if token.is_word(text, "as") || &text[token.start..token.end] == "." {
            Before::Naming
        } else if token.is_word(text, "begin") {
            Before::Begin
        } else {
            Before::Anything
        };
        if token.kind != TokenKind::Word && self.routine != Routine::Yes {
            self.routine = Routine::No;
        }
    }

    fn word(&mut self, text: &str, token: &Token) {
        let is = |word| token.is_word(text, word);
        self.routine = match self.routine {
            Routine::Start if is("create") => Routine::Create,
            Routine::Create if is("or") => Routine::Or,
            Routine::Or if is("replace") => Routine::Replace,
            Routine::Create | Routine::Replace if is("function") || is("procedure") => Routine::Yes,
            Routine::Yes => Routine::Yes,
            _ => Routine::No,
        };
        if self.routine != Routine::Yes || self.parens > 0 || self.before == Before::Naming {
            return;
        }
        if self.blocks == 0 {
            if is("atomic") && self.before == Before::Begin {
                self.blocks = 1;
            }
        } else if is("case") {
            self.blocks += 1;
        } else if is("end") {
            self.blocks -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    fn check(text: &str, expected: &[&str]) {
        let tokens = tokens(text);
        let pieces: Vec<_> = split(text, &tokens)
            .iter()
            .map(|piece| &text[piece[0].start..piece[piece.len() - 1].end])
            .collect();
        assert_eq!(pieces, expected, "{text}");
    }

    #[test]
    fn semicolons_end_statements() {
        check("", &[]);
        check(" ;; ; ", &[]);
        check("SELECT 1", &["SELECT 1"]);
        check("SELECT 1;SELECT 2 ;\n", &["SELECT 1", "SELECT 2"]);
        check("-- a; b\nSELECT 1 -- c;\n; /* d; */", &["SELECT 1"]);
    }

    #[test]
    fn semicolons_in_quotes_and_comments_do_not() {
        check(
            "SELECT ';', \";\"; SELECT 2",
            &["SELECT ';', \";\"", "SELECT 2"],
        );
        check(
            "SELECT 'it''s;'; SELECT 2",
            &["SELECT 'it''s;'", "SELECT 2"],
        );
        check(r"SELECT E'\';'; SELECT 2", &[r"SELECT E'\';'", "SELECT 2"]);
        check(r"SELECT '\'; SELECT ';'", &[r"SELECT '\'", "SELECT ';'"]);
        check(
            "DO $$ BEGIN; END $$; SELECT 2",
            &["DO $$ BEGIN; END $$", "SELECT 2"],
        );
        check(
            "DO $a$ $b$; $$; $a$; SELECT 2",
            &["DO $a$ $b$; $$; $a$", "SELECT 2"],
        );
        check("SELECT a$b; SELECT c$b", &["SELECT a$b", "SELECT c$b"]);
        check(
            "/* /* ; */ ; */ SELECT 1; SELECT 2",
            &["SELECT 1", "SELECT 2"],
        );
        check(
            "SELECT U&'\\0061;'; SELECT 2",
            &["SELECT U&'\\0061;'", "SELECT 2"],
        );
    }

    #[test]
    fn a_rule_may_hold_several_statements() {
        check(
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
            &[
                "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
                "SELECT 3",
            ],
        );
    }

    #[test]
    fn an_atomic_body_may_hold_several_statements() {
        let function = "CREATE OR REPLACE FUNCTION f(begin int) RETURNS int BEGIN ATOMIC \
                        SELECT CASE WHEN true THEN 1 END; SELECT r.end FROM r AS end; SELECT 2; END";
        check(&format!("{function}; SELECT 3"), &[function, "SELECT 3"]);
        let procedure = "create procedure p() begin atomic insert into t values (1); end";
        check(&format!("{procedure};{procedure}"), &[procedure, procedure]);
    }

    #[test]
    fn rows_belong_to_the_statement_before_them() {
        let copy = "COPY t FROM stdin;\n1;2\n\\.\n";
        check(
            &format!("SELECT 1; {copy}SELECT 2;"),
            &["SELECT 1", copy, "SELECT 2"],
        );
        let tokens = tokens(copy);
        let pieces = split(copy, &tokens);
        let (statement, rows) = without_rows(pieces[0]);
        assert_eq!(
            statement.last().map(|it| it.end),
            Some("COPY t FROM stdin".len())
        );
        assert!(rows.is_some());
    }

    #[test]
    fn begin_and_end_outside_a_routine_mean_nothing() {
        check(
            "BEGIN ATOMIC; SELECT 1; END; SELECT 2",
            &["BEGIN ATOMIC", "SELECT 1", "END", "SELECT 2"],
        );
        check(
            "CREATE TABLE begin (atomic int); SELECT 1",
            &["CREATE TABLE begin (atomic int)", "SELECT 1"],
        );
        check(
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1;'; SELECT 2",
            &[
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1;'",
                "SELECT 2",
            ],
        );
    }
}

//! Which objects a statement changes: two branches that change different ones can be merged.

use super::psql::tokens;
use super::token::TokenKind;
use super::tree::ask;
use squawk_syntax::ast::{AstNode, Stmt};
use squawk_syntax::{SyntaxKind, SyntaxNode};
use std::collections::BTreeSet;

/// What a statement changes, and every word in it: what it may depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    changes: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl Touched {
    /// Adds what another statement touches.
    pub(crate) fn add(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.words.extend(other.words);
    }

    /// What one of the two changes and the other mentions. Names are compared without their schemas: too often the
    /// same rather than once too seldom.
    pub(crate) fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        let mine = self.changes.intersection(&other.words);
        let yours = other.changes.intersection(&self.words);
        mine.chain(yours.filter(|it| !self.changes.contains(*it)))
            .map(String::as_str)
    }
}

/// What a statement touches; None when only running it would tell.
pub(super) fn of(text: &str) -> Option<Touched> {
    let changes = ask(text, changes)??;
    let mut words = BTreeSet::new();
    for token in tokens(text) {
        let word = &text[token.start..token.end];
        match token.kind {
            TokenKind::Word | TokenKind::QuotedWord => {
                words.insert(folded(word));
            }
            // The body of a function, or a name as in nextval('s').
            TokenKind::Literal => {
                let parts = word.split(|it: char| !it.is_alphanumeric() && it != '_');
                words.extend(parts.map(folded));
            }
            _ => {}
        }
    }
    Some(Touched { changes, words })
}

/// The names of what a statement changes; None when nobody can tell.
fn changes(statement: &Stmt) -> Option<BTreeSet<String>> {
    match statement {
        Stmt::Do(_)
        | Stmt::Call(_)
        | Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::Execute(_)
        | Stmt::DropOwned(_) => return None,
        Stmt::Set(_) | Stmt::Reset(_) | Stmt::SetRole(_) | Stmt::ResetRole(_) => {
            return Some(BTreeSet::new());
        }
        _ => {}
    }
    let nodes = statement.syntax().descendants();
    let names = nodes.filter(is_changed).filter_map(|it| last_word(&it));
    let names: BTreeSet<String> = names.collect();
    (!names.is_empty()).then_some(names)
}

/// A whole name that is neither a type, nor read from, nor only referred to.
fn is_changed(node: &SyntaxNode) -> bool {
    let is_path = |kind| matches!(kind, SyntaxKind::PATH | SyntaxKind::PATH_REF);
    let parent = node.parent().map(|it| it.kind());
    let only_read = |it: SyntaxNode| {
        matches!(
            it.kind(),
            SyntaxKind::SELECT
                | SyntaxKind::FROM_CLAUSE
                | SyntaxKind::FOREIGN_KEY_CONSTRAINT
                | SyntaxKind::REFERENCES_CONSTRAINT
                | SyntaxKind::PATH_TYPE
                | SyntaxKind::CALL_EXPR
        )
    };
    is_path(node.kind()) && !parent.is_some_and(is_path) && !node.ancestors().any(only_read)
}

fn last_word(path: &SyntaxNode) -> Option<String> {
    let segment = path.children().filter(|it| {
        matches!(
            it.kind(),
            SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF
        )
    });
    let text = segment.last()?.text().to_string();
    Some(folded(text.trim()))
}

/// A name as PostgreSQL reads it: lower case unless quoted.
pub(super) fn folded(word: &str) -> String {
    match word.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_statements_share_what_one_changes_and_the_other_mentions() {
        let check = |one: &str, other: &str, expected: &[&str]| {
            let (one, other) = (of(one).expect(one), of(other).expect(other));
            assert_eq!(one.shared(&other).collect::<Vec<_>>(), expected);
        };
        check("CREATE TABLE a (id int)", "CREATE TABLE b (id int)", &[]);
        let a = "CREATE TABLE a (u int REFERENCES users)";
        check(a, "CREATE TABLE b (u int REFERENCES users)", &[]);
        check(a, "ALTER TABLE app.\"users\" DROP COLUMN x", &["users"]);
        check(
            "ALTER TABLE t ADD a int",
            "CREATE INDEX CONCURRENTLY i ON t (b)",
            &["t"],
        );
        check(
            "CREATE VIEW v AS SELECT * FROM t",
            "ALTER TABLE t DROP a",
            &["t"],
        );
        check(
            "ALTER TYPE mood ADD VALUE 'x'",
            "CREATE TABLE t (m mood)",
            &["mood"],
        );
        check(
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT a FROM t'",
            "ALTER TABLE t DROP a",
            &["t"],
        );
        check("SET search_path = app", "SET search_path = app", &[]);
        check(
            "INSERT INTO t SELECT * FROM o",
            "INSERT INTO p SELECT * FROM o",
            &[],
        );
    }

    #[test]
    fn what_only_running_tells_is_unknown() {
        for text in [
            "DO $$ BEGIN END $$",
            "SELECT f()",
            "CALL p()",
            "nonsense here",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}

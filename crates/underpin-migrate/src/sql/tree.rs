//! The syntax tree of one statement, for questions that are asked of few statements.

use squawk_syntax::SourceFile;
use squawk_syntax::ast::{AstNode, Stmt};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Parses a statement and asks; None when the grammar does not understand it.
pub(super) fn ask<T>(text: &str, question: impl FnOnce(&Stmt) -> T) -> Option<T> {
    // A bug in the parser must not take the program down: see `classify`.
    catch_unwind(AssertUnwindSafe(|| {
        let parse = SourceFile::parse(text);
        if !parse.errors().is_empty() {
            return None;
        }
        let mut statements = parse.tree().stmts();
        match (statements.next(), statements.next()) {
            (Some(statement), None) => Some(question(&statement)),
            _ => None,
        }
    }))
    .ok()
    .flatten()
}

/// What a statement is, in the words of the grammar.
pub(super) fn kind(text: &str) -> Option<String> {
    let kind = ask(text, |statement| statement.syntax().kind())?;
    Some(format!("{kind:?}").replace('_', " "))
}

/// A node's SQL text.
pub(super) fn source(node: Option<impl AstNode>) -> Option<String> {
    let text = node?.syntax().text().to_string();
    let text = text.trim();
    (!text.is_empty()).then(|| String::from(text))
}

//! How far the effects of a statement go: for a server on which only one database is ours.
//!
//! The list of statements that stay in their database is a list of what is allowed: what the parser does not know, and what
//! it will know one day, is not on it.

mod kind;

use super::body::{Script, inside, significant};
use super::outside;
use super::token::{Token, TokenKind};
use super::touch::folded;
use super::tree::ask;
use kind::{Kind, kind};
use squawk_syntax::ast::Stmt;
use std::collections::BTreeSet;

/// How far the effects of a statement go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// They stay in the database.
    Database,
    /// They do not, and no schema depends on them: in words.
    Apart(String),
    /// They do not: in words.
    Server(String),
}

/// What a statement reaches, as far as its own text tells; `known` are the routines and foreign tables of the statements
/// before it that reach further than their database.
pub(crate) fn of(text: &str, known: &Reaching) -> Reach {
    let tokens = significant(text);
    let words = Script {
        text,
        tokens: &tokens,
    };
    match ask(text, |statement| kind(statement, &words)) {
        None => Reach::Server(String::from(
            "a statement that Underpin's parser does not know",
        )),
        Some(Err(reach)) => reach,
        Some(Ok(kind)) => further(kind, &words, known).map_or(Reach::Database, Reach::Server),
    }
}

/// Names of routines and foreign tables whose use reaches further than their database, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Reaching {
    names: BTreeSet<String>,
}

impl Reaching {
    /// Notes what a statement makes.
    pub(crate) fn learn(&mut self, text: &str) {
        let tokens = significant(text);
        let words = Script {
            text,
            tokens: &tokens,
        };
        let made = ask(text, |statement| match statement {
            Stmt::CreateFunction(it) => it.name().map(|it| name_of(&it)),
            Stmt::CreateProcedure(it) => it.name().map(|it| name_of(&it)),
            Stmt::CreateForeignTable(_) => name_after(&words, "table"),
            _ => None,
        });
        let Some(Some(name)) = made else {
            return;
        };
        let reaches = words.has(&["foreign", "table"])
            || of_body(&words).is_some()
            || self.used(&words).is_some();
        if reaches {
            self.names.insert(name);
        }
    }

    /// A name of them among the tokens, or inside their literals.
    fn used(&self, words: &Script<'_>) -> Option<String> {
        words.tokens.iter().find_map(|token| {
            let written = &words.text[token.start..token.end];
            match token.kind {
                TokenKind::Word | TokenKind::QuotedWord => {
                    let name = folded(written);
                    self.names.contains(&name).then_some(name)
                }
                TokenKind::Literal if !self.names.is_empty() => {
                    let body = inside(written);
                    let tokens = significant(body);
                    let nested = Script {
                        text: body,
                        tokens: &tokens,
                    };
                    (tokens.len() > 1).then(|| self.used(&nested)).flatten()
                }
                _ => None,
            }
        })
    }
}

/// The last part of the name that follows a word.
fn name_after(script: &Script<'_>, word: &str) -> Option<String> {
    let is = |token: &Token, word: &str| token.is_word(script.text, word);
    let at = script.tokens.iter().position(|it| is(it, word))?;
    let mut name = None;
    let mut is_expected = true;
    for token in &script.tokens[at + 1..] {
        let written = &script.text[token.start..token.end];
        match token.kind {
            TokenKind::Word if ["if", "not", "exists"].iter().any(|it| is(token, it)) => {}
            TokenKind::Word | TokenKind::QuotedWord if is_expected => {
                name = Some(folded(written));
                is_expected = false;
            }
            _ if written == "." => is_expected = true,
            _ => break,
        }
    }
    name
}

fn name_of(node: &impl squawk_syntax::ast::AstNode) -> String {
    let text = node.syntax().text().to_string();
    folded(text.trim().rsplit('.').next().unwrap_or_default())
}

/// What reaches further in a statement of this kind.
fn further(kind: Kind, words: &Script<'_>, known: &Reaching) -> Option<String> {
    let used = || {
        let name = known.used(words)?;
        Some(format!(
            "uses {name}, which reaches further than its database"
        ))
    };
    match kind {
        Kind::Naming | Kind::Routine => None,
        Kind::Definition | Kind::Rows => outside::call(words).or_else(used),
        Kind::Block => of_body(words).or_else(used),
    }
}

/// What reaches further in the bodies that a statement has.
fn of_body(words: &Script<'_>) -> Option<String> {
    if let Some(language) = other_language(words) {
        return Some(format!("code in the language {language}"));
    }
    let own = outside::call(words).or_else(|| outside::statement(words));
    own.or_else(|| {
        let literals = words
            .tokens
            .iter()
            .filter(|it| it.kind == TokenKind::Literal);
        literals
            .into_iter()
            .find_map(|it| outside::in_body(inside(&words.text[it.start..it.end])))
    })
}

/// A language whose code nobody reads here.
fn other_language(words: &Script<'_>) -> Option<String> {
    let at = words
        .tokens
        .iter()
        .position(|it| it.is_word(words.text, "language"))?;
    let language = words.word(at + 1)?;
    let language = language.trim_matches(['\'', '"']).to_owned();
    (!["sql", "plpgsql"].contains(&language.as_str())).then_some(language)
}

#[cfg(test)]
mod tests;

//! One statement of a script.

use super::body;
use super::effect::{Call, Effect};
use super::lock::TableLock;
use super::nature::{Class, Nature, Subject};
use super::token::{Token, TokenKind};
use super::touch::Touched;
use crate::checksum::Hash;
use crate::files::{Lines, Place};
use std::sync::Arc;

/// One statement: its text, where it stands, and how it must be run.
#[derive(Debug)]
pub struct Statement {
    pub(super) ordinal: u32,
    pub(super) text: String,
    pub(super) rows: Option<String>,
    pub(super) file: Arc<str>,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) hash: Hash,
    pub(super) nature: Nature,
    pub(super) own_timeouts: OwnTimeouts,
    pub(super) doubt: Option<Doubt>,
}

/// The timeouts that a file has set by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnTimeouts {
    pub(crate) lock: bool,
    pub(crate) statement: bool,
}

impl OwnTimeouts {
    /// Those in force after a statement.
    pub(super) fn after(self, nature: &Nature) -> Self {
        let sets = |name| nature.sets.as_deref() == Some(name);
        Self {
            lock: self.lock || sets("lock_timeout"),
            statement: self.statement || sets("statement_timeout"),
        }
    }
}

/// The parser does not understand a statement: the statement is wrong, or the parser is behind the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What the parser says.
    pub message: String,
    /// Where in the file: line, from 1.
    pub line: u32,
    /// Where in the line: column, from 1.
    pub column: u32,
}

impl Statement {
    /// Its number in the file, from 1.
    #[must_use]
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Its text, without the semicolon.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The rows that follow a `COPY … FROM stdin` in the file.
    #[must_use]
    pub fn rows(&self) -> Option<&str> {
        self.rows.as_deref()
    }

    /// The line on which it begins, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// How it must be run.
    #[must_use]
    pub fn class(&self) -> Class {
        self.nature.class
    }

    /// The checksum of what it means.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Why the parser does not understand it, when it does not.
    ///
    /// The runner asks the server before it runs anything: when PostgreSQL accepts the statement, the parser is at
    /// fault and the statement is run.
    #[must_use]
    pub fn doubt(&self) -> Option<&Doubt> {
        self.doubt.as_ref()
    }

    /// The strongest lock that it takes on a table that was there before; None when it takes none, or none is known.
    #[must_use]
    pub fn lock(&self) -> Option<TableLock> {
        super::lock::of(&self.text)
    }

    /// What it is, as in `ALTER TABLE`; None when the parser does not understand it.
    #[must_use]
    pub fn kind(&self) -> Option<String> {
        super::tree::kind(&self.text)
    }

    /// What it may do to data.
    pub(crate) fn effect(&self) -> Effect {
        super::effect::of(&self.text)
    }

    /// The functions that it calls as soon as it runs.
    pub(crate) fn calls(&self) -> Vec<Call> {
        super::effect::calls(&self.text)
    }

    /// The objects that it changes and the words that it is made of; None when that cannot be told.
    pub(crate) fn touches(&self) -> Option<Touched> {
        super::touch::of(&self.text)
    }

    /// May it drop something, or what depends on something?
    pub(crate) fn drops(&self) -> bool {
        let words = body::significant(&self.text);
        let is = |it: &Token, word| it.is_word(&self.text, word);
        let is_block = words.first().is_some_and(|it| is(it, "do"));
        words.first().is_some_and(|it| is(it, "drop"))
            || words.iter().any(|it| is(it, "cascade"))
            || (is_block && words.iter().any(|it| self.drops_within(it)))
    }

    /// May the body of a block drop something?
    fn drops_within(&self, token: &Token) -> bool {
        let body = body::inside(&self.text[token.start..token.end]).to_ascii_lowercase();
        token.kind == TokenKind::Literal && (body.contains("drop") || body.contains("cascade"))
    }

    /// Can nothing but a person tell what it has done, once its end was not seen?
    pub(crate) fn needs_decision(&self) -> bool {
        self.nature.subject == Subject::Unknown
    }

    /// May it have kept a part of its work when it fails? It runs outside a transaction, ends some as it goes, and no
    /// catalog tells.
    pub(crate) fn may_keep_a_part(&self) -> bool {
        self.nature.class == Class::Alone && self.needs_decision()
    }

    pub(crate) fn nature(&self) -> &Nature {
        &self.nature
    }

    /// The timeouts that the file has set before it.
    pub(crate) fn own_timeouts(&self) -> OwnTimeouts {
        self.own_timeouts
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Line and column of its first character, both from 1.
    pub(crate) fn line_and_column_of_start(&self) -> (u32, u32) {
        (self.line, self.column)
    }

    /// Where it begins.
    pub(crate) fn place(&self) -> Place {
        self.place_at(self.line, self.column)
    }

    /// Where the server points to: characters from 1.
    pub(crate) fn place_of(&self, position: u32) -> Place {
        let characters = (position as usize).saturating_sub(1);
        let offset = self.text.char_indices().nth(characters);
        let offset = offset.map_or(self.text.len(), |(offset, _)| offset);
        let (line, column) = self.line_and_column(offset);
        self.place_at(line, column)
    }

    /// Line and column in the file of a byte offset in the statement.
    pub(super) fn line_and_column(&self, offset: usize) -> (u32, u32) {
        match Lines::new(&self.file, &self.text).line_and_column(offset) {
            (1, column) => (self.line, self.column + column - 1),
            (line, column) => (self.line + line - 1, column),
        }
    }

    fn place_at(&self, line: u32, column: u32) -> Place {
        Place {
            file: Arc::clone(&self.file),
            position: Some((line, column)),
        }
    }
}

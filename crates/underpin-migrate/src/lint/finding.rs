//! What a rule found.

use super::name::Name;
use super::rule::Rule;
use serde::{Serialize, Serializer};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing; nothing has to be done.
    Note,
    /// To be looked at by somebody who knows the code around it.
    Warning,
    /// Stops traffic, loses data or fails: not without an `allow` and a reason.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One result of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    #[serde(serialize_with = "name_of")]
    pub rule: &'static Rule,
    /// How bad it is here; the rule's own level, unless the table is new, small or otherwise known.
    pub level: Level,
    /// Where it begins: line, from 1.
    pub line: u32,
    /// Where it begins: character in the line, from 1.
    pub column: u32,
    /// Where it ends: line.
    pub end_line: u32,
    /// Where it ends: the character after the last.
    pub end_column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    /// The change that does it.
    pub fix: Option<Fix>,
    /// The table it is about, when there is one.
    #[serde(skip)]
    pub(super) table: Option<Name>,
    /// The bytes of the text it is about.
    #[serde(skip)]
    pub(super) range: (usize, usize),
}

/// A change of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// Does it keep what the migration means? Only then `--fix` applies it.
    pub exact: bool,
    /// The pieces to replace, none inside another.
    pub edits: Vec<Edit>,
}

/// The replacement of a piece of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last; equal to `start` where text is inserted.
    pub end: usize,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace((at, at), text)
    }

    pub(super) fn replace((start, end): (usize, usize), text: impl Into<String>) -> Self {
        Self {
            start,
            end,
            text: text.into(),
        }
    }
}

impl Finding {
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Attaches a fix that keeps the meaning.
    pub(super) fn exactly(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix {
            title: title.into(),
            exact: true,
            edits,
        });
        self
    }

    /// Lowers the level to a note, saying why.
    pub(super) fn lower(&mut self, why: fmt::Arguments<'_>) {
        self.level = Level::Note;
        self.say(why);
    }

    /// Adds a sentence to the message.
    pub(super) fn say(&mut self, sentence: fmt::Arguments<'_>) {
        self.message = format!("{} {sentence}", self.message);
    }
}

fn name_of<S: Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.name)
}

//! One migration: a script that goes forward and, usually, one that goes back.

use super::{Header, Lines, Place, Slug, Version};
use crate::Error;
use crate::checksum::{self, Hash};
use crate::data::Work;
use crate::sql::{self, Statement};
use serde::Serialize;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use underpin_core::ErrorKind;

/// Largest migration file whose statements are taken apart; what only compares files with the ledger takes any.
const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Apply.
    Up,
    /// Revert.
    Down,
}

impl Direction {
    /// As file names and the ledger spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One versioned change of the schema.
#[derive(Debug)]
pub struct Migration {
    /// Its place in the order.
    pub version: Version,
    /// What it does, in words.
    pub slug: Slug,
    /// The way forward.
    pub up: Script,
    /// The way back, when it was written.
    pub down: Option<Script>,
}

impl Migration {
    /// The script of a direction.
    #[must_use]
    pub fn script(&self, direction: Direction) -> Option<&Script> {
        match direction {
            Direction::Up => Some(&self.up),
            Direction::Down => self.down.as_ref(),
        }
    }

    /// Is it to be applied after the service is ready?
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        self.up.header().deferred
    }
}

/// The text of one migration file. Its statements are parsed when they are first asked for.
///
/// A chain that has nothing to do is compared with the ledger by raw checksums and never parsed.
#[derive(Debug)]
pub struct Script {
    file: Arc<str>,
    text: String,
    raw: Hash,
    header: Header,
    statements: OnceLock<Vec<Statement>>,
    work: Option<Work>,
}

impl Script {
    /// Reads a file's bytes: UTF-8, not empty, well-formed options. `file` names it in errors.
    pub(crate) fn read(file: Arc<str>, bytes: &[u8]) -> Result<Self, Error> {
        let place = Place::file(&file);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let good = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            let place = Lines::new(&file, good).place(good.len());
            Error::bad_input(&place, "not UTF-8")
                .with_hint("save the file as UTF-8")
                .with_source(error)
        })?;
        let text = normalized(text);
        if text.trim().is_empty() {
            return Err(Error::bad_input(&place, "the file is empty").with_hint(
                "write a statement, or a comment when there is nothing to do on purpose",
            ));
        }
        let header = sql::read_header(&file, &text)?;
        Ok(Self {
            raw: checksum::raw(bytes),
            file,
            text,
            header,
            statements: OnceLock::new(),
            work: None,
        })
    }

    /// The same with work that is done in Rust: its one statement only stands for it.
    pub(crate) fn done_by(mut self, work: Work) -> Self {
        self.work = Some(work);
        self
    }

    /// The work that is done in Rust instead of its one statement.
    pub(crate) fn work(&self) -> Option<&Work> {
        self.work.as_ref()
    }

    /// The path of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The last part of its path.
    pub(super) fn file_name(&self) -> String {
        let name = Path::new(&*self.file).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The text: without byte order mark, lines ended by `\n`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The options at its top.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The checksum of the file's bytes.
    #[must_use]
    pub fn raw_hash(&self) -> Hash {
        self.raw
    }

    /// The statements, parsed on the first call.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming file, line and column: an open quote or comment, transaction control,
    /// `COPY … FROM stdin` without its rows, a change of `client_encoding`, a psql command. The same for a file of more than
    /// 16 MiB.
    pub fn statements(&self) -> Result<&[Statement], Error> {
        if let Some(statements) = self.statements.get() {
            return Ok(statements);
        }
        self.check_size()?;
        let statements = sql::parse(&self.file, &self.text)?;
        Ok(self.statements.get_or_init(|| statements))
    }

    /// How many statements there are, for a row of what was not run here; 0 of a file that is too large to be taken apart.
    ///
    /// # Errors
    /// Those of [`statements`](Self::statements), but for its size.
    pub(crate) fn statement_count(&self) -> Result<usize, Error> {
        match self.check_size() {
            Err(_too_large) => Ok(0),
            Ok(()) => self.statements().map(<[_]>::len),
        }
    }

    fn check_size(&self) -> Result<(), Error> {
        if self.text.len() <= FILE_BYTES_MAX {
            return Ok(());
        }
        let place = Place::file(&self.file);
        Err(Error::bad_input(&place, "larger than 16 MiB").with_hint(
            "cut it into files of at most 16 MiB each, or run it with `psql -f FILE` and record it with `underpin migrate stamp \
             --to VERSION`, which marks it and all before it as applied",
        ))
    }

    /// The checksum of meaning: options and tokens, without comments and layout.
    #[must_use]
    pub fn meaning_hash(&self) -> Hash {
        checksum::meaning(&self.header, &self.text)
    }
}

/// Without byte order mark and with `\n` line ends, so that a checkout's line ends never reach the database.
fn normalized(text: &str) -> String {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n")
}

/// The error for a migration that lacks its way back.
pub(crate) fn no_way_back(migration: &Migration) -> Error {
    if migration.up.work().is_some() {
        let message = format!(
            "migration {} has no way back: the program gives none",
            migration.version
        );
        return Error::new(ErrorKind::Refused, message).with_hint(
            "give it one by `DataMigration::with_down`, or leave it applied and write a new one that undoes it",
        );
    }
    let down = migration.up.file().replace(".up.sql", ".down.sql");
    Error::new(
        ErrorKind::Refused,
        format!(
            "migration {} has no way back: {down} is missing",
            migration.version
        ),
    )
    .with_hint("write that file, or leave the migration applied and write a new one that undoes it")
}

//! Where settings are looked for.

use crate::Secret;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The flags, the environment and the files that [`Config::load`](super::Config::load) reads.
///
/// A program makes one from its surroundings with [`Sources::of_process`]; a test starts from nothing with
/// [`Sources::default`] and adds what the case needs. `Debug` masks every value.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(super) flags: Vec<Flag>,
    pub(super) variables: BTreeMap<String, Secret<OsString>>,
    pub(super) folder: Option<PathBuf>,
    pub(super) file: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub(super) struct Flag {
    pub(super) key: &'static str,
    pub(super) flag: &'static str,
    pub(super) value: Secret<String>,
}

impl Sources {
    /// The environment of this process, and `.env` and `underpin.toml` in its working folder.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where settings are read from the environment"
    )]
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, Secret::new(value))));
        Self {
            variables: variables.collect(),
            folder: Some(PathBuf::from(".")),
            ..Self::default()
        }
    }

    /// Adds a value from the command line: `flag` is how it was typed (`--listen`), `key` what it sets (`server.listen`).
    #[must_use]
    pub fn with_flag(
        mut self,
        flag: &'static str,
        key: &'static str,
        value: Option<String>,
    ) -> Self {
        let value = value.map(Secret::new);
        self.flags
            .extend(value.map(|value| Flag { key, flag, value }));
        self
    }

    /// Reads this file, which must exist, in place of `underpin.toml`.
    #[must_use]
    pub fn with_file(mut self, path: Option<PathBuf>) -> Self {
        self.file = path.or(self.file);
        self
    }

    /// Looks for `.env` and `underpin.toml` in this folder.
    #[must_use]
    pub fn with_folder(mut self, path: &Path) -> Self {
        self.folder = Some(path.to_path_buf());
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables
            .insert(String::from(name), Secret::new(value.into()));
        self
    }
}

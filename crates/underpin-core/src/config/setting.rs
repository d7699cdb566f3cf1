//! A setting as it is declared, and as it turned out.

use std::fmt;
use std::path::PathBuf;

/// What a setting is called and what it does; kind, range and default are given where it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// `section.key` in the file.
    pub(super) key: &'static str,
    /// Its environment variable.
    pub(super) variable: &'static str,
    /// What it does, in a sentence or two of Markdown.
    pub(super) about: &'static str,
}

/// A setting with its value and where that came from: a line of `underpin config show` and of the reference.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `section.key` in the file.
    pub key: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// The value in force, in the spelling that would set it; secrets are masked.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
    /// What the value is when nobody sets it.
    pub default: String,
    /// What it may be.
    pub allowed: String,
    /// What it does.
    pub about: &'static str,
}

/// Where a value came from, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag(&'static str),
    /// The environment: one variable, or several that are put together.
    Environment(String),
    /// A line of `.env`; of several variables that are put together, the first.
    Dotenv {
        /// The variable, or several.
        variable: String,
        /// Counted from 1.
        line: usize,
    },
    /// A line of the settings file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Dotenv { variable, line } => write!(f, ".env line {line}, {variable}"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

//! Looks every setting up in every source, strongest first, and keeps the account of it.
//!
//! A setting is declared where it is read, and only there: reading it is what makes it known to the check for unknown
//! keys, to `config show` and to the reference.

use super::dotenv::{self, Line};
use super::kind::Kind;
use super::problem::Problem;
use super::setting::{Entry, Origin, Setting};
use super::sources::{Flag, Sources};
use super::{file, unknown};
use crate::Secret;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The settings file that is read when no other is named.
const FILE_NAME: &str = "underpin.toml";

/// All sources, opened.
#[derive(Debug)]
pub(super) struct Reader {
    flags: Vec<Flag>,
    variables: BTreeMap<String, Secret<OsString>>,
    dotenv: BTreeMap<String, Line>,
    file: file::Settings,
    folder: Option<PathBuf>,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

/// What a source says about a setting.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// A source of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Environment,
    Dotenv,
}

impl Reader {
    /// Opens the settings file; `.env` waits for [`Reader::open_dotenv`].
    pub(super) fn open(sources: &Sources) -> Self {
        let Sources {
            flags,
            variables,
            folder,
            file,
        } = sources.clone();
        let mut problems = Vec::new();
        let file = open_file(file.as_deref(), folder.as_deref()).unwrap_or_else(|problem| {
            problems.push(problem);
            file::Settings::default()
        });
        Self {
            flags,
            variables,
            dotenv: BTreeMap::new(),
            file,
            folder,
            entries: Vec::new(),
            problems,
        }
    }

    /// Reads `.env`, when there is one.
    pub(super) fn open_dotenv(&mut self) {
        let Some(folder) = &self.folder else {
            return;
        };
        match file::read(&folder.join(".env")) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let (lines, problems) = dotenv::parse(&text);
                self.dotenv = lines;
                self.problems.extend(problems);
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Reads a setting of a plain kind. What is wrong is noted, and the default returned to read on.
    pub(super) fn get<K: Kind>(
        &mut self,
        setting: Setting,
        kind: &K,
        default: K::Value,
    ) -> K::Value {
        let shown_default = kind.show(&default);
        let mut origin = Origin::Default;
        let mut value = default;
        if let Some(found) = self.find(setting) {
            match kind.parse(&found.text) {
                Ok(parsed) => {
                    value = parsed;
                    origin = found.origin;
                }
                Err(why) => self.problem(Problem::new(format!(
                    "{} ({}): {} {why}; allowed: {}",
                    setting.key,
                    found.origin,
                    quoted(&found.text),
                    kind.allowed()
                ))),
            }
        }
        let shown = kind.show(&value);
        self.known(setting, shown, origin, shown_default, kind.allowed());
        value
    }

    /// Notes a setting that was read.
    pub(super) fn known(
        &mut self,
        setting: Setting,
        value: String,
        origin: Origin,
        default: String,
        allowed: String,
    ) {
        let Setting {
            key,
            variable,
            about,
        } = setting;
        self.entries.push(Entry {
            key,
            variable,
            value,
            origin,
            default,
            allowed,
            about,
        });
    }

    /// Notes what is wrong.
    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The strongest source that says something. An empty variable says nothing.
    fn find(&mut self, setting: Setting) -> Option<Found> {
        self.flag(setting.key)
            .or_else(|| self.variable(Layer::Environment, setting.variable))
            .or_else(|| self.variable(Layer::Dotenv, setting.variable))
            .or_else(|| self.value(setting.key))
    }

    /// What the command line says; of a repeated flag, the last.
    pub(super) fn flag(&self, key: &str) -> Option<Found> {
        let Flag { flag, value, .. } = self.flags.iter().rfind(|flag| flag.key == key)?;
        Some(Found {
            text: value.expose().clone(),
            origin: Origin::Flag(flag),
        })
    }

    /// What a variable says.
    pub(super) fn variable(&mut self, layer: Layer, name: &str) -> Option<Found> {
        let variable = String::from(name);
        let (text, origin) = match layer {
            Layer::Environment => {
                let Some(text) = self.variables.get(name)?.expose().to_str() else {
                    self.problem(Problem::new(format!(
                        "the environment variable {name} is not UTF-8"
                    )));
                    self.variables.remove(name);
                    return None;
                };
                (text, Origin::Environment(variable))
            }
            Layer::Dotenv => {
                let Line { value, number } = self.dotenv.get(name)?;
                (
                    value.expose().as_str(),
                    Origin::Dotenv {
                        variable,
                        line: *number,
                    },
                )
            }
        };
        (!text.is_empty()).then(|| Found {
            text: String::from(text),
            origin,
        })
    }

    /// What the settings file says.
    pub(super) fn value(&self, key: &str) -> Option<Found> {
        let file::Value { text, line } = self.file.values.get(key)?;
        let path = self.file.path.clone();
        Some(Found {
            text: text.clone(),
            origin: Origin::File { path, line: *line },
        })
    }

    /// Ends reading: what was never asked for is unknown.
    pub(super) fn finish(mut self) -> (Vec<Entry>, Vec<Problem>) {
        let keys: Vec<_> = self.entries.iter().map(|entry| entry.key).collect();
        let names: Vec<_> = self.entries.iter().map(|entry| entry.variable).collect();
        let variables = self
            .variables
            .iter()
            .filter(|(_, value)| !value.expose().is_empty());
        let variables = variables.map(|(name, _)| (name.as_str(), String::from("environment")));
        let dotenv = self.dotenv.iter();
        let dotenv =
            dotenv.map(|(name, line)| (name.as_str(), format!(".env line {}", line.number)));
        let flags = self
            .flags
            .iter()
            .map(|flag| (flag.key, format!("flag {}", flag.flag)));
        let found = [
            unknown::keys(&self.file, &keys),
            unknown::flags(flags, &keys),
            unknown::variables(variables.chain(dotenv), &names),
        ];
        self.problems.extend(found.into_iter().flatten());
        (self.entries, self.problems)
    }
}

fn open_file(named: Option<&Path>, folder: Option<&Path>) -> Result<file::Settings, Problem> {
    let path = match (named, folder) {
        (Some(path), _) => path.to_path_buf(),
        (None, Some(folder)) if folder == Path::new(".") => PathBuf::from(FILE_NAME),
        (None, Some(folder)) => folder.join(FILE_NAME),
        (None, None) => return Ok(file::Settings::default()),
    };
    match file::read(&path)? {
        Some(text) => file::parse(&path, &text),
        None if named.is_some() => Err(Problem::new(format!(
            "there is no settings file {}",
            path.display()
        ))
        .with_hint("correct --config, or leave it out: underpin.toml is read when it is there")),
        None => Ok(file::Settings::default()),
    }
}

/// A value in an error: one line, not endless.
fn quoted(text: &str) -> String {
    const SHOWN_MAX: usize = 64;
    if text.chars().count() <= SHOWN_MAX {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN_MAX).collect();
    format!("{start:?}…")
}

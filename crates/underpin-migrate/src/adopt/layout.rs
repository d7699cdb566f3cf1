//! Where the tool's files are, and copies of them in our layout.

use super::Request;
use super::clean::clean;
use super::configured::{Configured, configured};
use super::project::{Change, Project, unreadable};
use super::tool::Tool;
use crate::files::{FileName, Version};
use crate::{Error, sql};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use underpin_core::{ErrorKind, file};

/// A file to be written.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) path: PathBuf,
    text: String,
}

/// The folder of the tool's files: the one that was named, the one that its settings name, or the first of its usual ones
/// that is there.
pub(super) fn source(tool: Tool, request: &Request) -> Result<PathBuf, Error> {
    if let Some(folder) = &request.source {
        return if folder.is_dir() {
            Ok(folder.clone())
        } else {
            let message = format!("there is no folder {}", folder.display());
            Err(Error::new(ErrorKind::NotFound, message).with_hint(format!(
                "name the folder of {tool}'s migrations with --source"
            )))
        };
    }
    if let Some(Configured { file, folder }) = configured(tool, Path::new("")) {
        return if folder.is_dir() {
            Ok(folder)
        } else {
            let message = format!(
                "{file} names the folder {}, which is not there",
                folder.display()
            );
            Err(Error::new(ErrorKind::NotFound, message).with_hint(format!(
                "start the command where {tool} is started, or name the folder of its migrations with --source"
            )))
        };
    }
    let usual = tool.format().folders();
    let found = usual.iter().map(Path::new).find(|it| it.is_dir());
    found.map(Path::to_path_buf).ok_or_else(|| {
        let message = format!(
            "the migrations of {tool} are not in {}",
            usual.join(" nor in ")
        );
        Error::new(ErrorKind::NotFound, message).with_hint("name their folder with --source")
    })
}

/// Are the tool's files our layout already, in the folder that is to be ours?
///
/// # Errors
/// [`ErrorKind::Config`] when they lie there and are not: copies must go elsewhere.
pub(super) fn is_in_place(
    source: &Path,
    request: &Request,
    project: &Project,
) -> Result<bool, Error> {
    let same = match (source.canonicalize(), request.folder.canonicalize()) {
        (Ok(source), Ok(folder)) => source == folder,
        _ => false,
    };
    if !same {
        return Ok(false);
    }
    let ours = |change: &Change| {
        let name: Result<FileName, _> = change.name.parse();
        name.is_ok_and(|name| name.version.to_i64() == change.base)
    };
    if let Some(other) = project.changes.iter().find(|it| !ours(it)) {
        let message = format!(
            "{} is not named as Underpin names its files, and its copy may not go into the same folder",
            other.file.display()
        );
        return Err(Error::new(ErrorKind::Config, message).with_hint(
            "name another folder for the copies with --dir, as in `underpin migrate adopt --dir underpin/migrations`; \
             the tool's own files stay as they are",
        ));
    }
    Ok(true)
}

/// The first line of a copy: what it is a copy of.
fn mark(tool: Tool) -> String {
    format!("-- adopted from {tool}: ")
}

/// The versions under which an earlier adoption wrote its copies, by the tool's names.
pub(super) fn recorded(folder: &Path, tool: Tool) -> Result<BTreeMap<String, Version>, Error> {
    let mut recorded = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(recorded),
        entries => entries.map_err(|error| unreadable(folder, error))?,
    };
    let mark = mark(tool);
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Ok(name) = name.parse::<FileName>() else {
            continue;
        };
        if name.direction == crate::Direction::Down {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let first = text.lines().next().unwrap_or_default();
        if let Some(original) = first.strip_prefix(mark.as_str()) {
            recorded.insert(original.trim().to_owned(), name.version);
        }
    }
    Ok(recorded)
}

/// The copies of one migration, and whether something was left out of them.
pub(super) fn copies(
    tool: Tool,
    folder: &Path,
    change: &Change,
    version: Version,
) -> (Vec<Copy>, bool) {
    let history = tool.format().table();
    let stem = format!("{version}_{}", change.slug);
    let mut framed = false;
    let mut copies = Vec::new();
    for (direction, text) in [("up", &change.up), ("down", &change.down)] {
        let Some(text) = text else { continue };
        let (text, was_framed) = clean(text.strip_prefix('\u{feff}').unwrap_or(text), history);
        framed |= was_framed;
        copies.push(Copy {
            path: folder.join(format!("{stem}.{direction}.sql")),
            text: format!("{}{}\n{}\n", mark(tool), change.name, text.trim()),
        });
    }
    (copies, framed)
}

impl Copy {
    /// Finds out before it is written whether it can be run.
    pub(super) fn check(&self) -> Result<(), Error> {
        let file: Arc<str> = Arc::from(self.path.display().to_string());
        sql::parse(&file, &self.text).map(drop)
    }

    /// Writes the file, and over none.
    pub(super) fn write(&self) -> Result<(), Error> {
        let written = match file::create_new(&self.path, self.text.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let message = format!(
                    "{} is there already and is something else",
                    self.path.display()
                );
                return Err(Error::conflict(message)
                    .with_hint("name an empty folder for the copies with --dir"));
            }
            written => written,
        };
        written.map_err(|error| {
            let message = format!("could not write {}", self.path.display());
            Error::new(ErrorKind::Io, message).with_source(error)
        })
    }
}

//! The files that are looked at.

use super::usage;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use underpin_migrate::lint::Settings;

/// Longest standard input that is read; a longer one holds data, not a migration.
const STDIN_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file, or standard input.
pub(super) struct Input {
    /// As messages call it.
    pub(super) name: String,
    pub(super) text: String,
    /// None for standard input.
    path: Option<PathBuf>,
}

/// Reads all of them: a name that is wrong is told before anything is printed or changed.
pub(super) fn read(names: &[PathBuf]) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for name in names {
        if name.as_os_str() == "-" {
            inputs.push(standard_input()?);
        } else if name.is_dir() {
            for path in folder(name)? {
                inputs.push(file(&path)?);
            }
        } else {
            inputs.push(file(name)?);
        }
    }
    Ok(inputs)
}

impl Input {
    /// The folder that it is in, when it is a file.
    pub(super) fn folder(&self) -> Option<&Path> {
        let parent = self.path.as_deref()?.parent()?;
        Some(match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        })
    }

    pub(super) fn settings(&self) -> Settings {
        match &self.path {
            Some(path) => Settings::for_file(path),
            None => Settings::default(),
        }
    }

    /// Keeps the new text, in the file too when it is another one.
    pub(super) fn write(&mut self, text: String) -> anyhow::Result<()> {
        let Some(path) = &self.path else {
            return Err(usage(
                String::from("standard input cannot be fixed in place"),
                "leave --fix out, or name a file",
            )
            .into());
        };
        if text != self.text {
            underpin_core::file::replace(path, text.as_bytes()).map_err(|cause| {
                usage(
                    format!("could not write {}", self.name),
                    "look at the file's permissions",
                )
                .with_source(cause)
            })?;
            self.text = text;
        }
        Ok(())
    }
}

fn standard_input() -> anyhow::Result<Input> {
    let mut text = String::new();
    let mut limited = std::io::stdin().lock().take(STDIN_BYTES_MAX);
    limited.read_to_string(&mut text).map_err(|cause| {
        usage(
            String::from("could not read standard input"),
            "give it SQL in UTF-8",
        )
        .with_source(cause)
    })?;
    Ok(Input {
        name: String::from("(standard input)"),
        text,
        path: None,
    })
}

fn file(path: &Path) -> anyhow::Result<Input> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|cause| {
        usage(
            format!("could not read {name}"),
            "name SQL files, folders of them, or - for standard input",
        )
        .with_source(cause)
    })?;
    let text = String::from_utf8(bytes).map_err(|cause| {
        let good = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
        let line = good.iter().filter(|it| **it == b'\n').count() + 1;
        usage(
            format!("{name}:{line}: not UTF-8"),
            "save the file as UTF-8",
        )
        .with_source(cause)
    })?;
    Ok(Input {
        name,
        text,
        path: Some(path.to_owned()),
    })
}

/// The files of a folder in the order of their names: the ways forward, or all where there are no pairs.
fn folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = |cause| {
        usage(
            format!("could not read the folder {}", folder.display()),
            "look at its permissions",
        )
        .with_source(cause)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|it| it == "sql") {
            files.push(path);
        }
    }
    files.sort();
    let is_up = |path: &PathBuf| path.to_string_lossy().ends_with(".up.sql");
    if files.iter().any(is_up) {
        files.retain(is_up);
    }
    if files.is_empty() {
        let message = format!("the folder {} has no .sql files", folder.display());
        return Err(usage(message, "name another folder, or files").into());
    }
    Ok(files)
}

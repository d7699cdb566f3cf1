//! A result that goes to standard output or into a file.

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use std::path::Path;
use std::{fs, io};
use underpin_core::{ErrorKind, file};

/// Writes it.
pub(super) fn write(text: &str, path: Option<&Path>, context: &Context) -> anyhow::Result<()> {
    let Some(path) = path else {
        return context.out_text(text.trim_end());
    };
    file::replace(path, text.as_bytes()).map_err(|cause| {
        Error::new(ErrorKind::Io, format!("could not write {}", path.display()))
            .with_hint("look at the folder and its permissions")
            .with_source(cause)
    })?;
    context.note(format_args!("wrote {}", path.display()));
    Ok(())
}

/// Says whether a file has this text.
pub(super) fn check(text: &str, file: &Path, context: &Context) -> anyhow::Result<Exit> {
    let shown = file.display();
    match fs::read_to_string(file) {
        Ok(found) if found == text => Ok(Exit::Done),
        Ok(_) => {
            context.note(format_args!(
                "{shown} is out of date: run the command without --check"
            ));
            Ok(Exit::Differences)
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            context.note(format_args!(
                "{shown} is not there: run the command without --check"
            ));
            Ok(Exit::Differences)
        }
        Err(cause) => {
            let error = Error::new(ErrorKind::Io, format!("could not read {shown}"));
            Err(error.with_source(cause).into())
        }
    }
}

//! A result that goes to standard output or into a file.

use crate::context::Context;
use crate::error::Error;
use std::fs;
use std::path::Path;
use underpin_core::ErrorKind;

/// Writes it.
pub(super) fn write(text: &str, file: Option<&Path>, context: &Context) -> anyhow::Result<()> {
    let Some(file) = file else {
        return context.out(text.trim_end());
    };
    fs::write(file, text).map_err(|cause| {
        Error::new(ErrorKind::Io, format!("could not write {}", file.display()))
            .with_hint("look at the folder and its permissions")
            .with_source(cause)
    })?;
    context.note(format_args!("wrote {}", file.display()));
    Ok(())
}

//! Where a schema comes from, as it is typed: `models`, `migrations`, `file:PATH`, `postgres://…`.

use super::models;
use super::source::{Source as Migrations, tell_unread};
use crate::context::Context;
use crate::error::Error;
use std::path::PathBuf;
use std::str::FromStr;
use underpin_core::{DatabaseUrl, ErrorKind};
use underpin_migrate::diff::Source;
use underpin_migrate::files;
use underpin_pool::Options;

/// What `--from` and `--to` take.
#[derive(Debug, Clone)]
pub(super) enum SchemaSource {
    Models,
    Migrations,
    File(PathBuf),
    Database(Box<DatabaseUrl>),
}

impl SchemaSource {
    /// Parses what was typed after a flag. Not by clap, whose errors repeat what was typed: it may hold a password.
    pub(super) fn parse(flag: &str, text: &str) -> anyhow::Result<Self> {
        if text.contains("://") {
            return Ok(Self::Database(Box::new(address(flag, text)?)));
        }
        match (text, text.strip_prefix("file:")) {
            ("models", _) => Ok(Self::Models),
            ("migrations", _) => Ok(Self::Migrations),
            (_, Some(path)) => Ok(Self::File(PathBuf::from(path))),
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("{flag}: {text:?} is no source of a schema"),
            )
            .with_hint("name models, migrations, file:PATH or postgres://…")
            .into()),
        }
    }

    /// Reads what is in files and in this program.
    pub(super) fn open(self, migrations: &Migrations, context: &Context) -> anyhow::Result<Source> {
        Ok(match self {
            Self::Models => models::source(migrations)?,
            Self::Migrations => Source::Migrations(migrations.chain(context)?),
            Self::File(path) => {
                let source = Source::file(&path)?;
                tell_unread(&files::sql_folders(&path), context);
                source
            }
            Self::Database(url) => Source::Database(Box::new(Options::new(*url))),
        })
    }
}

/// An address that was typed after a flag.
pub(super) fn address(flag: &str, text: &str) -> Result<DatabaseUrl, Error> {
    DatabaseUrl::from_str(text).map_err(|cause| {
        let message = format!("{flag}: not the address of a database");
        Error::new(ErrorKind::Config, message)
            .with_hint("write it as postgres://user:password@host:port/database")
            .with_source(cause)
    })
}

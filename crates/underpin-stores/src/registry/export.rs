//! Exporting the registry: what `import` reads back without changing anything.

use super::query::{ListQuery, ListRequest, PAGE_MAX};
use super::read::{list, unread};
use super::server::{ServerVersion, Status, Verbatim};
use crate::Error;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use underpin_core::ErrorKind;
use underpin_pool::{Database, Isolation, TransactionOptions};

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// As a registry's answer: documents with status and times, deleted versions too.
    #[default]
    V01,
    /// An array of the bare documents, without deleted versions.
    Documents,
}

/// Writes every version, by name and version, each document byte for byte; gives how many there were.
///
/// All of it is read from one snapshot, a page at a time.
///
/// # Errors
/// `Io` when the output cannot be written; else whatever the pool reports. What was written until then is incomplete.
pub async fn export(
    db: &Database,
    format: Format,
    output: &mut (impl Write + Send),
) -> Result<usize, Error> {
    let snapshot = TransactionOptions {
        isolation: Some(Isolation::RepeatableRead),
        read_only: true,
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with(snapshot).await.map_err(unread)?;
    let (opening, closing) = match format {
        Format::V01 => ("{\"servers\":[", "]"),
        Format::Documents => ("[", "\n]\n"),
    };
    let mut request = ListRequest {
        limit: Some(i64::from(PAGE_MAX)),
        include_deleted: Some(format == Format::V01),
        ..ListRequest::default()
    };
    let mut count = 0;
    write(output, opening)?;
    loop {
        let page = list(&transaction, &ListQuery::new(request.clone())?).await?;
        for server in &page.entries {
            write(output, if count == 0 { "\n" } else { ",\n" })?;
            entry(output, format, server)?;
            count += 1;
        }
        if page.next_cursor.is_none() {
            break;
        }
        request.cursor = page.next_cursor;
    }
    write(output, closing)?;
    if format == Format::V01 {
        write(output, &format!(",\"metadata\":{{\"count\":{count}}}}}\n"))?;
    }
    output.flush().map_err(unwritten)?;
    transaction.rollback().await.map_err(unread)?;
    Ok(count)
}

fn entry(output: &mut impl Write, format: Format, server: &ServerVersion) -> Result<(), Error> {
    match format {
        Format::Documents => write(output, server.document.get()),
        Format::V01 => {
            let meta = BTreeMap::from([(
                "io.modelcontextprotocol.registry/official",
                Official::of(server),
            )]);
            let entry = Entry {
                server: &server.document,
                meta,
            };
            serde_json::to_writer(output, &entry).map_err(|error| unwritten(error.into()))
        }
    }
}

fn write(output: &mut impl Write, text: &str) -> Result<(), Error> {
    output.write_all(text.as_bytes()).map_err(unwritten)
}

fn unwritten(error: io::Error) -> Error {
    Error::new(ErrorKind::Io, "could not write the export").with_source(error)
}

#[derive(Serialize)]
struct Entry<'a> {
    server: &'a Verbatim,
    #[serde(rename = "_meta")]
    meta: BTreeMap<&'static str, Official<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Official<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'a str>,
    status_changed_at: Timestamp,
    published_at: Timestamp,
    updated_at: Timestamp,
    is_latest: bool,
}

impl<'a> Official<'a> {
    fn of(server: &'a ServerVersion) -> Self {
        let ServerVersion {
            status,
            status_message,
            status_changed_at,
            published_at,
            updated_at,
            is_latest,
            ..
        } = server;
        Self {
            status: Status::as_str(*status),
            status_message: status_message.as_deref(),
            status_changed_at: *status_changed_at,
            published_at: *published_at,
            updated_at: *updated_at,
            is_latest: *is_latest,
        }
    }
}

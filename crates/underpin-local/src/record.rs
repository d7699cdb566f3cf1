//! `cluster.json`: what Underpin wrote down about the server it started.

use crate::layout::Layout;
use crate::postmaster::Postmaster;
use crate::{Error, Lifetime};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The file, in the cluster's folder.
const FILE: &str = "cluster.json";

/// Written when a server is started. It speaks of the running server only as long as process number and start time agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The postmaster's process number.
    pub(crate) pid: i32,
    /// The postmaster's own start time; with the number it names one server for good.
    pub(crate) started: i64,
    /// Kept for the next start, so that the port stays when it is free.
    pub(crate) port: u16,
    pub(crate) lifetime: Lifetime,
    /// Where the programs are.
    pub(crate) binaries: PathBuf,
    pub(crate) version: String,
    /// The user that root dropped to.
    pub(crate) run_as: Option<String>,
    /// The process that started it.
    pub(crate) starter: u32,
}

impl Record {
    /// The record, if there is one that can be read. A damaged one is none: everything in it can be found out again.
    pub(crate) fn read(layout: &Layout) -> Result<Option<Self>, Error> {
        let text = layout.read(FILE)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// The record of this very server: Underpin started it.
    pub(crate) fn of(layout: &Layout, postmaster: &Postmaster) -> Result<Option<Self>, Error> {
        let is_same = |record: &Self| {
            record.pid == postmaster.pid.as_raw_nonzero().get()
                && record.started == postmaster.started
        };
        Ok(Self::read(layout)?.filter(is_same))
    }

    pub(crate) fn write(&self, layout: &Layout) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|cause| {
            Error::new(
                underpin_core::ErrorKind::Internal,
                "could not write the record as JSON",
            )
            .with_source(cause)
        })?;
        layout.replace(FILE, 0o644, &text)
    }
}

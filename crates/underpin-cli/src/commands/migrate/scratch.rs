//! A server for databases that are made for a while.

use super::schema_source::address;
use crate::context::Context;
use crate::exit::told_to_end;
use underpin_core::Chain;
use underpin_migrate::diff::{Scratch, ScratchServer};
use underpin_pool::Options;
use underpin_schema::{Catalog, Owners};

/// Where to make databases for a while.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// Server to make databases on for a while, by a role that may; of the version that is used in production, and
    /// with its extensions [default: a cluster beside the embedded one, of its version]
    #[arg(long, value_name = "URL")]
    scratch: Option<String>,

    /// Leave owners alone: neither compare them nor write them
    #[arg(long)]
    no_owners: bool,

    /// The server of --scratch is there for such work alone: run statements of the files there that act on all of it, as
    /// those about roles do, and make roles that are missing; afterwards they are dropped
    #[arg(long, requires = "scratch")]
    scratch_cluster_wide: bool,
}

impl Place {
    /// Is it the embedded cluster?
    pub(super) fn is_embedded(&self) -> bool {
        self.scratch.is_none()
    }

    fn with_owners_or_not(&self, scratch: Scratch) -> Scratch {
        match self.no_owners {
            true => scratch.without_owners(),
            false => scratch,
        }
    }

    /// What was read of a database, with its owners unless they are to be left alone.
    pub(super) fn of_database(&self, catalog: Catalog) -> Catalog {
        match self.no_owners {
            true => Catalog {
                owners: Owners::default(),
                ..catalog
            },
            false => catalog,
        }
    }

    /// Does some work on the server, and removes what it made there.
    pub(super) async fn work<T>(
        &self,
        context: &Context,
        work: impl AsyncFnOnce(&Scratch) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let (url, server) = match &self.scratch {
            Some(url) if self.scratch_cluster_wide => {
                (address("--scratch", url)?, ScratchServer::Disposable)
            }
            Some(url) => (address("--scratch", url)?, ScratchServer::Foreign),
            None => (context.scratch_url().await?, ScratchServer::Own),
        };
        let signals = context.signals();
        let scratch = tokio::select! {
            opened = Scratch::open_on(Options::new(url), server) => self.with_owners_or_not(opened?),
            () = signals.told(1) => return Err(told_to_end()),
        };
        if !self.no_owners && !scratch.has_owners() {
            context.note(
                "warning: the role of the scratch server is no superuser, so owners are left alone",
            );
        }
        // What was made there is dropped, also when the work is told to end; only a second signal leaves it to a later run.
        let _section = signals.section();
        let result = tokio::select! {
            result = work(&scratch) => result,
            () = signals.told(1) => Err(told_to_end()),
        };
        for note in scratch.notes() {
            context.note(format_args!("note: {note}"));
        }
        let closed = tokio::select! {
            closed = scratch.close() => closed,
            () = signals.told(2) => return Err(told_to_end()),
        };
        if let Err(error) = closed {
            context.note(format_args!("warning: {}", Chain(&error)));
        }
        result
    }
}

//! A server for databases that are made for a while.

use super::schema_source::address;
use crate::context::Context;
use underpin_core::Chain;
use underpin_migrate::diff::Scratch;
use underpin_pool::Options;

/// Where to make databases for a while.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// Server to make databases on for a while, by a role that may; of the version that is used in production, and
    /// with its extensions [default: a cluster beside the embedded one, of its version]
    #[arg(long, value_name = "URL")]
    scratch: Option<String>,
}

impl Place {
    /// Is it the embedded cluster?
    pub(super) fn is_embedded(&self) -> bool {
        self.scratch.is_none()
    }

    /// Does some work on the server, and removes what it made there.
    pub(super) async fn work<T>(
        &self,
        context: &Context,
        work: impl AsyncFnOnce(&Scratch) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let url = match &self.scratch {
            Some(url) => address("--scratch", url)?,
            None => context.scratch_url().await?,
        };
        let scratch = Scratch::open(Options::new(url)).await?;
        let result = work(&scratch).await;
        if let Err(error) = scratch.close().await {
            context.note(format_args!("warning: {}", Chain(&error)));
        }
        result
    }
}

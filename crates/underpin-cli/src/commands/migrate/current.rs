//! `underpin migrate current`

use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use serde::Serialize;
use underpin_migrate::Version;

#[derive(Serialize)]
struct Current {
    current: Option<Version>,
    heads: Vec<Version>,
}

pub(super) async fn run(source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let status = source.migrator(context).await?.status().await?;
    let (current, heads) = (status.current, status.applied_heads);
    if context.json {
        context.out_json(&Current { current, heads })?;
    } else if heads.is_empty() {
        context.note("no migration is applied");
    } else {
        for version in heads {
            context.out(version)?;
        }
    }
    Ok(Exit::Done)
}

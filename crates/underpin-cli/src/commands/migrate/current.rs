//! `underpin migrate current`

use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use serde::Serialize;
use underpin_migrate::Version;

#[derive(Serialize)]
struct Current {
    current: Option<Version>,
}

pub(super) async fn run(source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let current = source.migrator(context).await?.status().await?.current;
    if context.json {
        context.out_json(&Current { current })?;
    } else if let Some(version) = current {
        context.out(version)?;
    } else {
        context.note("no migration is applied");
    }
    Ok(Exit::Done)
}

//! `underpin migrate rebless`

use super::source::{Source, argument};
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::Version;

/// Options of `underpin migrate rebless`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The applied migration whose file was changed
    #[arg(value_name = "VERSION", value_parser = argument::<Version>)]
    migration: Version,

    /// Why the change is harmless; `underpin migrate history` shows it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn run(args: &Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        migration: version,
        reason,
    } = args;
    let migrator = source.migrator(context).await?;
    let accepted = migrator.rebless(*version, reason).await?;
    let reblessed = accepted.then_some(version);
    if context.json {
        context.out_json(&serde_json::json!({ "reblessed": reblessed, "reason": reason }))?;
    } else if accepted {
        context.out(format_args!("accepted the file of {version} as it is now"))?;
    } else {
        context.out(format_args!(
            "nothing to do: the file of {version} is as it was applied"
        ))?;
    }
    Ok(Exit::Done)
}

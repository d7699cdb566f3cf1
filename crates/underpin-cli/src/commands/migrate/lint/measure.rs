//! The measured layer: running the files on a scratch server.

use super::super::scratch::Place;
use super::super::source::USERS_CHAIN;
use super::input::Input;
use crate::context::Context;
use underpin_migrate::Chain;
use underpin_migrate::diff::Source;
use underpin_migrate::lint::{Measured, Measuring};
use underpin_pool::Options;

/// Runs all files; one answer for each, in their order.
pub(super) async fn all(
    inputs: &[Input],
    scratch: &Place,
    context: &Context,
) -> anyhow::Result<Vec<Measured>> {
    let database = match context.config()?.database.url {
        Some(_) => Some(context.options().await?),
        None => None,
    };
    let work = scratch.work(context, async |scratch| {
        let mut measuring = Measuring::new(scratch);
        let mut all = Vec::with_capacity(inputs.len());
        for input in inputs {
            let settings = input.settings();
            let place = (settings.version, settings.predecessor);
            let before = || before(input, database.as_ref());
            all.push(
                measuring
                    .run(&input.name, &input.text, place, before)
                    .await?,
            );
        }
        Ok(all)
    });
    work.await
}

/// What a file needs: the migrations before it in its folder, else what is in the database.
fn before(input: &Input, database: Option<&Options>) -> Result<Source, underpin_migrate::Error> {
    let version = input.settings().version;
    if let (Some(folder), Some(version)) = (input.folder(), version) {
        let chain = Chain::from_dir(USERS_CHAIN, folder)?;
        return Ok(Source::Migrations(chain.before(version)));
    }
    Ok(match database {
        Some(options) => Source::Database(Box::new(options.clone())),
        None => Source::Files(Vec::new()),
    })
}

//! The cluster beside a cluster, for databases that are made for a while.

use crate::layout::Layout;
use crate::{Binaries, Cluster, Error, Settings, create, start};

/// Starts it. Blocks.
pub(crate) fn start(settings: &Settings) -> Result<Cluster, Error> {
    let settings = beside(settings)?;
    let layout = Layout::create(&settings.data_dir)?;
    let was_there = create::existing_major(&layout)?.is_some();
    start::start(&settings).map_err(|error| match was_there {
        // It did not wait for the disk: a crash of the machine may have broken it.
        true => error.with_hint(format!(
            "look at {}; nothing in {} is worth keeping: remove the folder, and try again",
            layout.log().display(),
            layout.root().display()
        )),
        false => error,
    })
}

/// A folder for each version: a schema is to be read where it is used.
fn beside(settings: &Settings) -> Result<Settings, Error> {
    let layout = Layout::create(&settings.data_dir)?;
    let existing = create::existing_major(&layout)?;
    let account = start::account(&layout, settings, existing)?;
    let major = Binaries::choose(settings, existing, &account)?.major();
    let folder = settings.data_dir.join("scratch").join(major.to_string());
    let settings = Settings {
        data_dir: folder,
        major: Some(major),
        ..settings.clone()
    };
    Ok(settings.without_durability())
}

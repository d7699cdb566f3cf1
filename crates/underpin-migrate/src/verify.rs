//! Replays migrations on a scratch server: up, down, up, with a look at the catalog after each.
//!
//! Each migration is run by the runner itself. Its way back must lead to what was there before it, and its way forward,
//! gone a second time, to what it made the first time.

use crate::diff::{Guard, Scratch, differing, missing_role, read};
use crate::files::{Chain, Migration, Slug, Version};
use crate::progress::Silent;
use crate::{DataLoss, Error, Migrator, Settings, Target};
use std::num::NonZeroUsize;
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_pool::Options;
use underpin_schema::Catalog;

/// Scripts of a chain name at most this many roles that are not there yet.
const ROLES_MAX: usize = 256;

/// What became of a migration.
#[derive(Debug)]
pub struct Replayed {
    /// Which.
    pub version: Version,
    /// Its name.
    pub slug: Slug,
    /// Has it a way back? Without one it was only applied.
    pub reversible: bool,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// What is wrong with a migration.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The way back leads elsewhere: the objects that differ.
    DownLeadsElsewhere(String),
    /// The way back fails.
    DownFails(Error),
    /// The way forward, gone again, leads elsewhere: the objects that differ.
    UpAgainLeadsElsewhere(String),
    /// The way forward fails when it is gone again.
    UpAgainFails(Error),
}

/// Replays all migrations of a chain, each up, down and up again; repeatable files are run at the end, SQL hooks never.
///
/// # Errors
/// When a migration cannot be applied to what the ones before it made; when the scratch server does not do what it should;
/// [`ErrorKind::Refused`] for a file that acts on the whole server, when that is not ours.
///
/// # Cancel safety
/// A dropped future leaves scratch databases behind; the next use of the server as [`Scratch`] removes them after an hour.
pub async fn verify(scratch: &Scratch, chain: &Chain) -> Result<Vec<Replayed>, Error> {
    let all = &Guard::new(scratch).chain(&chain.without_hooks())?;
    let chain = &all.without_repeatables();
    let mut stage = Stage::open(scratch, chain, None).await?;
    let mut replayed = Vec::with_capacity(chain.migrations().len());
    for migration in chain.migrations() {
        let fault = stage.replay(migration).await?;
        if fault.is_some() {
            // Nobody knows what is there now. Roles that it made would be in the way of the new one.
            scratch.discard(&stage.options).await?;
            stage = Stage::open(scratch, chain, Some(migration.version)).await?;
        }
        replayed.push(Replayed {
            version: migration.version,
            slug: migration.slug.clone(),
            reversible: migration.down.is_some(),
            fault,
        });
    }
    if !all.repeatables().is_empty() {
        stage.migrator = migrator(&stage.options, all);
        stage.up(Target::All).await?;
    }
    Ok(replayed)
}

fn migrator(options: &Options, chain: &Chain) -> Migrator {
    let settings = Settings {
        data_loss: DataLoss::Allow,
        ..Settings::default()
    };
    Migrator::new(options.clone(), chain.clone())
        .with_settings(settings)
        .with_progress(Arc::new(Silent))
}

/// A database on which migrations are played.
struct Stage<'a> {
    scratch: &'a Scratch,
    options: Options,
    migrator: Migrator,
    catalog: Catalog,
}

impl<'a> Stage<'a> {
    /// An empty database, brought to a version.
    async fn open(
        scratch: &'a Scratch,
        chain: &Chain,
        version: Option<Version>,
    ) -> Result<Self, Error> {
        let options = scratch.create().await?;
        let migrator = migrator(&options, chain);
        let mut stage = Self {
            scratch,
            options,
            migrator,
            catalog: Catalog::default(),
        };
        if let Some(version) = version {
            stage.up(Target::To(version)).await?;
        }
        stage.catalog = read(&stage.options).await?;
        Ok(stage)
    }

    async fn replay(&mut self, migration: &Migration) -> Result<Option<Fault>, Error> {
        let version = Target::To(migration.version);
        self.up(version).await?;
        let before = std::mem::replace(&mut self.catalog, read(&self.options).await?);
        if migration.down.is_none() {
            return Ok(None);
        }
        let down = self.migrator.down(Target::Steps(NonZeroUsize::MIN)).await;
        if let Err(error) = down {
            return Ok(Some(Fault::DownFails(error)));
        }
        if let Some(found) = differing(&before, &read(&self.options).await?) {
            return Ok(Some(Fault::DownLeadsElsewhere(found)));
        }
        if let Err(error) = self.up(version).await {
            return Ok(Some(Fault::UpAgainFails(error)));
        }
        let found = differing(&self.catalog, &read(&self.options).await?);
        Ok(found.map(Fault::UpAgainLeadsElsewhere))
    }

    /// Applies; roles that are missing are made.
    async fn up(&self, target: Target) -> Result<(), Error> {
        for _ in 0..ROLES_MAX {
            let Err(error) = self.migrator.up(target).await else {
                return Ok(());
            };
            match missing_role(&error) {
                Some(role) => self.scratch.create_role(&role).await?,
                None => return Err(error),
            }
        }
        let message = format!("more than {ROLES_MAX} roles are missing");
        Err(Error::new(ErrorKind::OutOfResources, message)
            .with_hint("create the roles on the scratch server first"))
    }
}

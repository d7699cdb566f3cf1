//! One migration for a range of them, proven to make the same.
//!
//! From the first migration on, as long as they change nothing but the schema, the file is written anew from what they
//! make. Otherwise, and where that cannot be written anew, the files are written one after the other, so that what they do
//! to rows is still done. Either is proven with all that the catalog tells, objects without facts too.

mod text;
mod write;

use crate::Error;
use crate::diff::{Scratch, Source, SqlFile, catalog, differing};
use crate::files::{Chain, Migration, Slug, Version};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_schema::Catalog;

/// A range of migrations as one, proven and not yet written.
#[derive(Debug, Clone, Serialize)]
pub struct Squash {
    /// The version of the last of them.
    pub version: Version,
    /// Its name.
    pub slug: Slug,
    /// What it stands for.
    pub replaces: Vec<Version>,
    /// Was it written anew from what they make, instead of one after the other?
    pub rewritten: bool,
    /// The files that it replaces.
    pub old_files: Vec<PathBuf>,
    /// The way forward.
    pub up: String,
    /// The way back; none when one of them has none.
    pub down: Option<String>,
}

/// Makes one migration of a range, from the first to the last version, and proves it on scratch databases.
///
/// # Errors
/// [`ErrorKind::NotFound`] for an unknown version, [`ErrorKind::Refused`] when the range cannot be one migration,
/// [`ErrorKind::Unsupported`] when the one does not make the same as the many; what reading and running the files says.
///
/// # Cancel safety
/// A dropped future leaves scratch databases behind; the next use of the server as [`Scratch`] removes them after an hour.
pub async fn squash(
    scratch: &Scratch,
    chain: &Chain,
    (first, last): (Version, Version),
    slug: Slug,
) -> Result<Squash, Error> {
    let range = range(chain, first, last)?;
    let before = Source::Migrations(chain.before(first));
    let start = catalog(scratch, &before).await?;
    let whole = Source::Migrations(chain.through(last));
    let goal = catalog(scratch, &whole).await?;

    let is_first = chain.before(first).migrations().is_empty();
    let written = |rewritten| -> Result<Squash, Error> {
        let (up, down) = if rewritten {
            let (up, down) = text::rewritten(&start, &goal);
            // What nobody could revert is not made so by itself.
            let reversible = range.iter().all(|it| it.down.is_some());
            (up, reversible.then_some(down))
        } else {
            text::one_after_the_other(&range)?
        };
        Ok(Squash {
            version: last,
            slug: slug.clone(),
            replaces: replaced(&range),
            rewritten,
            old_files: text::files(&range),
            up: text::header(&range, rewritten) + &up,
            down,
        })
    };
    if is_first && text::is_schema_only(&range, &goal)? {
        let squash = written(true)?;
        let proven = prove(scratch, before.clone(), &squash, (&start, &goal)).await;
        if proven.is_ok() {
            return Ok(squash);
        }
        // The files themselves carry what cannot be written anew.
    }
    let squash = written(false)?;
    prove(scratch, before, &squash, (&start, &goal)).await?;
    Ok(squash)
}

/// The migrations of a range, if they can be one.
fn range(chain: &Chain, first: Version, last: Version) -> Result<Vec<Arc<Migration>>, Error> {
    for version in [first, last] {
        if chain.get(version).is_none() {
            let message = format!("there is no migration {version} in {}", chain.place());
            return Err(Error::new(ErrorKind::NotFound, message)
                .with_hint("`underpin migrate status` lists the versions"));
        }
    }
    let within = |it: &&Arc<Migration>| (first..=last).contains(&it.version);
    let range: Vec<_> = chain.migrations().iter().filter(within).cloned().collect();
    if range.len() < 2 {
        return Err(Error::new(
            ErrorKind::Refused,
            "there are fewer than two migrations in the range",
        )
        .with_hint("name the first and the last version, as in FROM..TO"));
    }
    for it in &range {
        let what = match it {
            it if it.up.work().is_some() => "is written in Rust",
            it if it.is_deferred() => "is deferred",
            _ => continue,
        };
        let message = format!("{} {what}, and cannot be a part of one file", it.up.file());
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("squash what comes before it, or what comes after it"));
    }
    Ok(range)
}

/// The versions that a database may have of a range, those of an earlier squash too.
fn replaced(range: &[Arc<Migration>]) -> Vec<Version> {
    let of = |it: &Arc<Migration>| {
        let earlier = it.up.header().replaces.iter().copied();
        earlier.chain([it.version]).collect::<Vec<_>>()
    };
    let mut versions: Vec<Version> = range.iter().flat_map(of).collect();
    versions.sort();
    versions.dedup();
    versions
}

/// The one makes what the many make, and its way back leads to where they began.
async fn prove(
    scratch: &Scratch,
    before: Source,
    squash: &Squash,
    (start, goal): (&Catalog, &Catalog),
) -> Result<(), Error> {
    let file = |name: &str, text: &str| Source::Files(vec![SqlFile::new(name, text)]);
    let up = vec![before, file("the squashed migration", &squash.up)];
    let end = catalog(scratch, &Source::Several(up.clone())).await?;
    if let Some(found) = differing(goal, &end).or_else(|| other_owners(goal, &end)) {
        let message = format!("one file does not make what the many make; {found}");
        return Err(Error::new(ErrorKind::Unsupported, message)
            .with_hint("squash a smaller range, and please report it"));
    }
    let Some(down) = &squash.down else {
        return Ok(());
    };
    let back = [up, vec![file("the squashed way back", down)]].concat();
    let end = catalog(scratch, &Source::Several(back)).await?;
    match differing(start, &end).or_else(|| other_owners(start, &end)) {
        None => Ok(()),
        Some(found) => {
            let message = format!("the way back does not lead back; {found}");
            Err(Error::new(ErrorKind::Unsupported, message)
                .with_hint("`underpin migrate verify` says which of the down files is wrong"))
        }
    }
}

/// The objects to which only one of two chains gives an owner.
fn other_owners(wanted: &Catalog, found: &Catalog) -> Option<String> {
    let only_in = |these: &Catalog, those: &Catalog| {
        let mut all = these.owners.iter();
        let (object, owner) = all.find(|(object, _)| those.owners.of(object).is_none())?;
        Some(format!("{object} belongs to {owner} in one of them only"))
    };
    only_in(wanted, found).or_else(|| only_in(found, wanted))
}

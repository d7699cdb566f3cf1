//! The statements of a publication.
//!
//! Three are written by hand, because repositories do not say them: to add what is missing and pass over the rest; to find
//! rows by pairs of values; to choose one row of each group by several orders. A fourth changes nothing but a time.

use super::latest::{Move, Standing};
use super::{Official, Submission, unstored};
use crate::Error;
use crate::registry::models::{
    NewRegistryServerVersion, RegistryServer, RegistryServerVersion, RegistryServerVersionPatch,
};
use crate::registry::query::folded;
use crate::registry::server::Status;
use crate::registry::version::sort_key;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use underpin_core::Id;
use underpin_model::{Actor, FromRow, Place, Repository, Set, Transactional};
use underpin_pool::{Executor, Params};

/// What is stored of a version, as far as it decides what to do.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Known {
    pub(crate) id: Id<RegistryServerVersion>,
    name: String,
    version: String,
    content_hash: Vec<u8>,
    original_hash: Option<Vec<u8>>,
    status: Status,
    status_message: Option<String>,
    /// When the transaction began, by the server's clock.
    now: Timestamp,
}

impl Known {
    /// The same document, or made of the same original.
    pub(crate) fn says_the_same(&self, submission: &Submission) -> bool {
        let original = submission.original.as_ref().map(|original| original.hash);
        self.content_hash == submission.document.hash()
            || (original.is_some()
                && self.original_hash.as_deref() == original.as_ref().map(<[u8; 32]>::as_slice))
    }

    pub(crate) fn status_differs(&self, official: &Official) -> bool {
        official.status.is_some_and(|status| {
            status != self.status || official.status_message != self.status_message
        })
    }

    /// Takes over the status of its source.
    pub(crate) fn changed_by(&self, official: &Official) -> RegistryServerVersionPatch {
        RegistryServerVersionPatch {
            status: Set(official.status.unwrap_or_default()),
            status_message: Set(official.status_message.clone()),
            status_changed_at: Set(official.status_changed_at.unwrap_or(self.now)),
            ..RegistryServerVersionPatch::default()
        }
    }
}

/// The row of a version that is not stored yet. Which version is the latest is settled afterwards.
pub(crate) fn new_row(
    submission: &Submission,
    id: Id<RegistryServerVersion>,
) -> NewRegistryServerVersion {
    let Submission {
        document,
        original,
        official,
    } = submission;
    let Official {
        status,
        status_message,
        status_changed_at,
        published_at,
        is_latest: _,
    } = official;
    let title = document.title();
    let searched = [
        document.name(),
        title.unwrap_or_default(),
        document.description(),
    ];
    NewRegistryServerVersion {
        id: Some(id),
        name: document.name().to_owned(),
        version: document.version().to_owned(),
        semantic_key: sort_key(document.version()),
        title: title.map(String::from),
        description: document.description().to_owned(),
        search_text: folded(&searched.join("\n")),
        document: document.text().to_owned(),
        content_hash: document.hash().to_vec(),
        original: original.as_ref().map(|original| original.text.clone()),
        original_hash: original.as_ref().map(|original| original.hash.to_vec()),
        status: Some(status.unwrap_or_default()),
        status_message: status_message.clone(),
        status_changed_at: status_changed_at.or(*published_at),
        published_at: *published_at,
        is_latest: None,
    }
}

/// Makes sure that the servers of a batch exist, and locks them until the transaction ends: which version is the latest is
/// settled by one publisher at a time.
///
/// Both in the order of their names: two batches wait for each other, never in a circle.
pub(crate) async fn lock(tx: &impl Transactional, batch: &[Submission]) -> Result<(), Error> {
    let names = names(batch);
    execute(tx, include_str!("../sql/create_servers.sql"), &[&names]).await?;
    let servers = Repository::<RegistryServer, _>::new(tx);
    let found = servers
        .find(RegistryServer::NAME.is_in(names))
        .order_by(RegistryServer::NAME.asc());
    let locked = found.for_update().all().await;
    locked.map(drop).map_err(unstored)
}

fn names(batch: &[Submission]) -> Vec<&str> {
    let names: BTreeSet<&str> = batch
        .iter()
        .map(|submission| submission.document.name())
        .collect();
    names.into_iter().collect()
}

/// What is already there of a batch, by name and version.
pub(crate) async fn known(
    tx: &impl Place,
    batch: &[Submission],
) -> Result<HashMap<(String, String), Known>, Error> {
    let (names, versions): (Vec<&str>, Vec<&str>) = batch
        .iter()
        .map(|submission| (submission.document.name(), submission.document.version()))
        .unzip();
    let sql = include_str!("../sql/known_versions.sql");
    let found: Vec<Known> = tx
        .executor()
        .query_as(sql, &[&names, &versions])
        .await
        .map_err(unstored)?;
    let by_key = |known: Known| ((known.name.clone(), known.version.clone()), known);
    Ok(found.into_iter().map(by_key).collect())
}

pub(crate) async fn insert(
    tx: &impl Place,
    rows: Vec<NewRegistryServerVersion>,
) -> Result<(), Error> {
    let versions = Repository::<RegistryServerVersion, _>::new(tx);
    let inserted = versions.bulk_create(rows, &publisher()).await;
    inserted.map(drop).map_err(unstored)
}

pub(crate) async fn update(
    tx: &impl Place,
    changes: Vec<(Id<RegistryServerVersion>, RegistryServerVersionPatch)>,
) -> Result<(), Error> {
    let versions = Repository::<RegistryServerVersion, _>::new(tx);
    let updated = versions.bulk_update(changes, &publisher()).await;
    updated.map(drop).map_err(unstored)
}

/// Versions give up the place of the latest before others take it, as there may be only one. `updated_at` moves of both,
/// so that mirrors hear of it.
pub(crate) async fn move_latest(tx: &impl Place, moved: &[Move<'_>]) -> Result<(), Error> {
    let patch = |is_latest| RegistryServerVersionPatch {
        is_latest: Set(is_latest),
        ..RegistryServerVersionPatch::default()
    };
    let leaving = moved.iter().filter_map(|moved| moved.from);
    update(tx, leaving.map(|id| (id, patch(false))).collect()).await?;
    let coming = moved.iter().map(|moved| moved.to);
    update(tx, coming.map(|id| (id, patch(true))).collect()).await
}

pub(crate) async fn standings(
    tx: &impl Place,
    batch: &[Submission],
) -> Result<Vec<Standing>, Error> {
    let sql = include_str!("../sql/standings.sql");
    let standings = tx.executor().query_as(sql, &[&names(batch)]).await;
    standings.map_err(unstored)
}

/// A server is as new as its newest change.
pub(crate) async fn touch(tx: &impl Place, names: &BTreeSet<&str>) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = names.iter().copied().collect();
    execute(tx, include_str!("../sql/touch_servers.sql"), &[&names]).await
}

async fn execute(tx: &impl Place, sql: &str, params: Params<'_>) -> Result<(), Error> {
    let executed = tx.executor().execute(sql, params).await;
    executed.map(drop).map_err(unstored)
}

/// The registry's tables do not say who wrote a row.
fn publisher() -> Actor {
    Actor::service("registry")
}

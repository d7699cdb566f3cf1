//! The statements of a publication.

use super::{Official, Outcome, Standing, Submission, unstored};
use crate::Error;
use crate::registry::query::folded;
use crate::registry::server::Status;
use crate::registry::version::sort_key;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use underpin_pool::{Executor, Params, Row};
use uuid::Uuid;

/// What is stored of a version, as far as it decides what to do.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    content_hash: Vec<u8>,
    original_hash: Option<Vec<u8>>,
    status: String,
    status_message: Option<String>,
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
            status.as_str() != self.status || official.status_message != self.status_message
        })
    }
}

/// Rows to insert, column by column.
#[derive(Debug, Default)]
pub(crate) struct NewRows<'a> {
    ids: Vec<Uuid>,
    names: Vec<&'a str>,
    versions: Vec<&'a str>,
    semantic_keys: Vec<Option<Vec<u8>>>,
    titles: Vec<Option<&'a str>>,
    descriptions: Vec<&'a str>,
    search_texts: Vec<String>,
    documents: Vec<&'a str>,
    content_hashes: Vec<Vec<u8>>,
    originals: Vec<Option<&'a str>>,
    original_hashes: Vec<Option<Vec<u8>>>,
    statuses: Vec<Option<&'static str>>,
    status_messages: Vec<Option<&'a str>>,
    status_changed_ats: Vec<Option<Timestamp>>,
    published_ats: Vec<Option<Timestamp>>,
}

impl<'a> NewRows<'a> {
    pub(crate) fn push(&mut self, submission: &'a Submission) -> Outcome {
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
        self.ids.push(Uuid::now_v7());
        self.names.push(document.name());
        self.versions.push(document.version());
        self.semantic_keys.push(sort_key(document.version()));
        self.titles.push(title);
        self.descriptions.push(document.description());
        let searched = [
            document.name(),
            title.unwrap_or_default(),
            document.description(),
        ];
        self.search_texts.push(folded(&searched.join("\n")));
        self.documents.push(document.text());
        self.content_hashes.push(document.hash().to_vec());
        self.originals
            .push(original.as_ref().map(|original| original.text.as_str()));
        self.original_hashes
            .push(original.as_ref().map(|original| original.hash.to_vec()));
        self.statuses.push(status.map(Status::as_str));
        self.status_messages.push(status_message.as_deref());
        self.status_changed_ats.push(*status_changed_at);
        self.published_ats.push(*published_at);
        Outcome::Imported
    }
}

fn names(batch: &[Submission]) -> Vec<&str> {
    let names: BTreeSet<&str> = batch
        .iter()
        .map(|submission| submission.document.name())
        .collect();
    names.into_iter().collect()
}

pub(crate) async fn lock(db: &impl Executor, batch: &[Submission]) -> Result<(), Error> {
    let names = names(batch);
    execute(db, include_str!("../sql/create_servers.sql"), &[&names]).await?;
    db.query(include_str!("../sql/lock_servers.sql"), &[&names])
        .await
        .map_err(unstored)?;
    Ok(())
}

pub(crate) async fn known(
    db: &impl Executor,
    batch: &[Submission],
) -> Result<HashMap<(String, String), Known>, Error> {
    let (names, versions): (Vec<&str>, Vec<&str>) = batch
        .iter()
        .map(|submission| (submission.document.name(), submission.document.version()))
        .unzip();
    let sql = include_str!("../sql/known_versions.sql");
    let rows = db
        .query(sql, &[&names, &versions])
        .await
        .map_err(unstored)?;
    let read = |row: &Row| {
        let known = Known {
            content_hash: row.get("content_hash")?,
            original_hash: row.get("original_hash")?,
            status: row.get("status")?,
            status_message: row.get("status_message")?,
        };
        Ok(((row.get("name")?, row.get("version")?), known))
    };
    rows.iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(unstored)
}

pub(crate) async fn insert(db: &impl Executor, rows: &NewRows<'_>) -> Result<(), Error> {
    if rows.ids.is_empty() {
        return Ok(());
    }
    let NewRows {
        ids,
        names,
        versions,
        semantic_keys,
        titles,
        descriptions,
        search_texts,
        documents,
        content_hashes,
        originals,
        original_hashes,
        statuses,
        status_messages,
        status_changed_ats,
        published_ats,
    } = rows;
    let params: Params<'_> = &[
        ids,
        names,
        versions,
        semantic_keys,
        titles,
        descriptions,
        search_texts,
        documents,
        content_hashes,
        originals,
        original_hashes,
        statuses,
        status_messages,
        status_changed_ats,
        published_ats,
    ];
    execute(db, include_str!("../sql/insert_versions.sql"), params).await
}

pub(crate) async fn update_status(
    db: &impl Executor,
    changes: &[&Submission],
) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = changes
        .iter()
        .map(|change| change.document.name())
        .collect();
    let versions: Vec<&str> = changes
        .iter()
        .map(|change| change.document.version())
        .collect();
    let statuses: Vec<&str> = changes
        .iter()
        .map(|change| change.official.status.unwrap_or_default().as_str())
        .collect();
    let messages: Vec<Option<&str>> = changes
        .iter()
        .map(|change| change.official.status_message.as_deref())
        .collect();
    let times: Vec<Option<Timestamp>> = changes
        .iter()
        .map(|change| change.official.status_changed_at)
        .collect();
    let params: Params<'_> = &[&names, &versions, &statuses, &messages, &times];
    execute(db, include_str!("../sql/update_status.sql"), params).await
}

pub(crate) async fn standings(
    db: &impl Executor,
    batch: &[Submission],
) -> Result<Vec<Standing>, Error> {
    let sql = include_str!("../sql/standings.sql");
    let rows = db.query(sql, &[&names(batch)]).await.map_err(unstored)?;
    let read = |row: &Row| {
        Ok(Standing {
            name: row.get("name")?,
            holder: row.get("holder")?,
            holder_deleted: row
                .get::<Option<bool>>("holder_deleted")?
                .unwrap_or_default(),
            champion: row.get("champion")?,
            champion_deleted: row.get("champion_deleted")?,
        })
    };
    rows.iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(unstored)
}

pub(crate) async fn move_latest(db: &impl Executor, moved: &[(&str, &str)]) -> Result<(), Error> {
    if moved.is_empty() {
        return Ok(());
    }
    let (names, versions): (Vec<&str>, Vec<&str>) = moved.iter().copied().unzip();
    execute(
        db,
        include_str!("../sql/unset_latest.sql"),
        &[&names, &versions],
    )
    .await?;
    execute(
        db,
        include_str!("../sql/set_latest.sql"),
        &[&names, &versions],
    )
    .await
}

pub(crate) async fn touch(db: &impl Executor, names: &BTreeSet<&str>) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = names.iter().copied().collect();
    execute(db, include_str!("../sql/touch_servers.sql"), &[&names]).await
}

async fn execute(db: &impl Executor, sql: &str, params: Params<'_>) -> Result<(), Error> {
    db.execute(sql, params).await.map_err(unstored)?;
    Ok(())
}

//! Publishing: storing versions, and settling which one is the latest, in one transaction.

mod latest;
mod rows;

use super::document::Document;
use super::models::{NewRegistryServerVersion, RegistryServerVersion, RegistryServerVersionPatch};
use super::read::failed;
use super::server::Status;
use crate::Error;
use jiff::Timestamp;
use latest::Move;
use rows::Known;
use std::collections::{BTreeSet, HashMap, HashSet};
use underpin_core::{Diagnose, Id};
use underpin_model::Transactional;
use underpin_pool::Database;

/// A document to be stored, with what its source says about it.
#[derive(Debug, Clone)]
pub(crate) struct Submission {
    pub(crate) document: Document,
    /// Where the document was converted: what it was made of.
    pub(crate) original: Option<Original>,
    pub(crate) official: Official,
}

/// The text that a document was converted from.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    pub(crate) text: String,
    pub(crate) hash: [u8; 32],
}

/// What a registry says about a version that it lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Official {
    pub(crate) status: Option<Status>,
    pub(crate) status_message: Option<String>,
    pub(crate) status_changed_at: Option<Timestamp>,
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) is_latest: Option<bool>,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A new version was stored.
    Imported,
    /// The same content was there already.
    Unchanged,
    /// The same content was there; its status, or which version is the latest, changed.
    Updated,
    /// The version is there with other content. Versions are immutable: nothing was stored.
    Conflict,
}

/// Publishes one document.
///
/// A semantic version becomes the latest when it sorts last; any other version always does.
///
/// # Errors
/// Whatever the pool reports; then nothing was stored, except where the kind is `UnknownOutcome`.
///
/// # Cancel safety
/// Dropped before it returns, everything or nothing of it is stored.
///
/// # Locks
/// The server's row, `FOR UPDATE`, until the end: two publishers of one server wait for each other.
pub async fn publish(db: &Database, document: Document) -> Result<Outcome, Error> {
    let submission = Submission {
        document,
        original: None,
        official: Official::default(),
    };
    let outcomes = publish_all(db, &[submission]).await?;
    Ok(outcomes.into_iter().next().unwrap_or(Outcome::Unchanged))
}

/// Publishes a batch in one transaction; outcomes are in the order of the batch.
pub(crate) async fn publish_all(
    db: &Database,
    batch: &[Submission],
) -> Result<Vec<Outcome>, Error> {
    let transaction = db.begin().await.map_err(unstored)?;
    let outcomes = publish_in_txn(&transaction, batch).await?;
    transaction.commit().await.map_err(unstored)?;
    Ok(outcomes)
}

async fn publish_in_txn(
    tx: &impl Transactional,
    batch: &[Submission],
) -> Result<Vec<Outcome>, Error> {
    rows::lock(tx, batch).await?;
    let known = rows::known(tx, batch).await?;
    let mut plan = Plan::new(batch, &known);
    rows::insert(tx, std::mem::take(&mut plan.fresh)).await?;
    rows::update(tx, std::mem::take(&mut plan.status_changes)).await?;
    let standings = rows::standings(tx, batch).await?;
    let moved = latest::moved(&standings, batch, &plan.outcomes, &plan.ids);
    rows::move_latest(tx, &moved).await?;
    plan.note_moved(batch, &moved);
    rows::touch(tx, &plan.touched).await?;
    Ok(plan.outcomes)
}

/// The rows of a batch's versions, by name and version.
type Ids<'a> = HashMap<(&'a str, &'a str), Id<RegistryServerVersion>>;

/// What has to be done for a batch.
struct Plan<'a> {
    outcomes: Vec<Outcome>,
    fresh: Vec<NewRegistryServerVersion>,
    status_changes: Vec<(Id<RegistryServerVersion>, RegistryServerVersionPatch)>,
    ids: Ids<'a>,
    touched: BTreeSet<&'a str>,
}

impl<'a> Plan<'a> {
    fn new(batch: &'a [Submission], known: &HashMap<(String, String), Known>) -> Self {
        let mut plan = Self {
            outcomes: Vec::with_capacity(batch.len()),
            fresh: Vec::new(),
            status_changes: Vec::new(),
            ids: HashMap::new(),
            touched: BTreeSet::new(),
        };
        // The first of several with one name and version stands for it; the others are held against it.
        let mut first: HashMap<(&str, &str), &Submission> = HashMap::new();
        for submission in batch {
            let key = (submission.document.name(), submission.document.version());
            let outcome = if let Some(earlier) = first.get(&key) {
                same_or_conflict(submission.says_the_same(earlier))
            } else {
                first.insert(key, submission);
                let known = known.get(&(key.0.to_owned(), key.1.to_owned()));
                plan.add(submission, known)
            };
            if matches!(outcome, Outcome::Imported | Outcome::Updated) {
                plan.touched.insert(key.0);
            }
            plan.outcomes.push(outcome);
        }
        plan
    }

    /// The first of its name and version in the batch.
    fn add(&mut self, submission: &'a Submission, known: Option<&Known>) -> Outcome {
        let (document, official) = (&submission.document, &submission.official);
        let id = known.map_or_else(Id::now, |known| known.id);
        self.ids.insert((document.name(), document.version()), id);
        match known {
            None => {
                self.fresh.push(rows::new_row(submission, id));
                Outcome::Imported
            }
            Some(known) if !known.says_the_same(submission) => Outcome::Conflict,
            Some(known) if known.status_differs(official) => {
                self.status_changes.push((id, known.changed_by(official)));
                Outcome::Updated
            }
            Some(_) => Outcome::Unchanged,
        }
    }

    /// A version that became the latest without being new was updated.
    fn note_moved(&mut self, batch: &'a [Submission], moved: &[Move<'_>]) {
        let moved: HashSet<_> = moved
            .iter()
            .map(|moved| (moved.name, moved.version))
            .collect();
        for (submission, outcome) in batch.iter().zip(&mut self.outcomes) {
            let key = (submission.document.name(), submission.document.version());
            if *outcome == Outcome::Unchanged
                && moved.contains(&key)
                && submission.official.is_latest == Some(true)
            {
                *outcome = Outcome::Updated;
                self.touched.insert(key.0);
            }
        }
    }
}

fn same_or_conflict(same: bool) -> Outcome {
    if same {
        Outcome::Unchanged
    } else {
        Outcome::Conflict
    }
}

impl Submission {
    fn says_the_same(&self, other: &Self) -> bool {
        let hashes = |submission: &Self| {
            (
                submission.document.hash(),
                submission.original.as_ref().map(|original| original.hash),
            )
        };
        let (document, original) = hashes(self);
        let (other_document, other_original) = hashes(other);
        document == other_document || (original.is_some() && original == other_original)
    }
}

fn unstored(error: impl Diagnose) -> Error {
    failed("could not store servers in the registry", error)
}

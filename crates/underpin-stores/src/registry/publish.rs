//! Publishing: storing versions, and settling which one is the latest, in one transaction.

mod latest;
mod rows;

use super::document::Document;
use super::read::failed;
use super::server::Status;
use crate::Error;
use jiff::Timestamp;
use latest::Standing;
use rows::{Known, NewRows};
use std::collections::{BTreeSet, HashMap, HashSet};
use underpin_pool::{Database, Executor};

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

async fn publish_in_txn(db: &impl Executor, batch: &[Submission]) -> Result<Vec<Outcome>, Error> {
    rows::lock(db, batch).await?;
    let known = rows::known(db, batch).await?;
    let mut plan = Plan::new(batch, &known);
    rows::insert(db, &plan.fresh).await?;
    rows::update_status(db, &plan.status_changes).await?;
    let standings = rows::standings(db, batch).await?;
    let moved = latest::moved(&standings, batch, &plan.outcomes);
    rows::move_latest(db, &moved).await?;
    plan.note_moved(batch, &moved);
    rows::touch(db, &plan.touched).await?;
    Ok(plan.outcomes)
}

/// What has to be done for a batch.
struct Plan<'a> {
    outcomes: Vec<Outcome>,
    fresh: NewRows<'a>,
    status_changes: Vec<&'a Submission>,
    touched: BTreeSet<&'a str>,
}

impl<'a> Plan<'a> {
    fn new(batch: &'a [Submission], known: &HashMap<(String, String), Known>) -> Self {
        let mut plan = Self {
            outcomes: Vec::with_capacity(batch.len()),
            fresh: NewRows::default(),
            status_changes: Vec::new(),
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
                match known.get(&(key.0.to_owned(), key.1.to_owned())) {
                    None => plan.fresh.push(submission),
                    Some(known) if !known.says_the_same(submission) => Outcome::Conflict,
                    Some(known) if known.status_differs(&submission.official) => {
                        plan.status_changes.push(submission);
                        Outcome::Updated
                    }
                    Some(_) => Outcome::Unchanged,
                }
            };
            if matches!(outcome, Outcome::Imported | Outcome::Updated) {
                plan.touched.insert(key.0);
            }
            plan.outcomes.push(outcome);
        }
        plan
    }

    /// A version that became the latest without being new was updated.
    fn note_moved(&mut self, batch: &'a [Submission], moved: &[(&str, &str)]) {
        let moved: HashSet<_> = moved.iter().copied().collect();
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

fn unstored(error: underpin_pool::Error) -> Error {
    failed("could not store servers in the registry", error)
}

//! Importing documents: each valid one is stored, each other one reported.

mod form;
mod prepare;
mod report;
mod source;

pub use report::{Problem, Report, Verdict};
pub use source::{FILE_BYTES_MAX, Source, files};

use super::fault::Fault;
use super::publish::{Outcome, publish_all};
use crate::Error;
use prepare::{Candidate, prepare};
use underpin_core::counted;
use underpin_pool::Database;

/// Documents of one transaction.
const BATCH_DOCUMENTS: usize = 500;
/// Bytes of one transaction; a batch exceeds it by one document at most.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Checks a source without storing anything: every document counts as `read`, the bad ones as `rejected`.
#[must_use]
pub fn check(source: &Source) -> Report {
    let mut report = Report::default();
    for document in prepare(source) {
        report.read += 1;
        match document {
            Ok(Candidate {
                remark: Some(remark),
                ..
            }) => {
                report.repaired += usize::from(remark.verdict == Verdict::Repaired);
                report.note(remark);
            }
            Ok(_) => {}
            Err(problem) => {
                report.rejected += 1;
                report.note(*problem);
            }
        }
    }
    report
}

/// Stores the documents of any number of sources, in transactions of up to 500 documents.
///
/// A document that breaks a rule is reported and passed over. A transaction that fails stores nothing and ends the
/// import; what the transactions before it stored stays, and importing again passes over it.
///
/// # Example
/// ```no_run
/// # async fn example(db: underpin_pool::Database) -> Result<(), underpin_stores::Error> {
/// use underpin_stores::registry::{Importer, Source};
///
/// let mut importer = Importer::new(&db);
/// importer.add(&Source::from_file("servers.json".as_ref())).await?;
/// let report = importer.finish().await?;
/// assert!(report.is_clean(), "{:?}", report.problems);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Importer<'a> {
    db: &'a Database,
    batch: Vec<Candidate>,
    batch_bytes: usize,
    report: Report,
}

impl<'a> Importer<'a> {
    /// Nothing is read or stored yet.
    #[must_use]
    pub fn new(db: &'a Database) -> Self {
        Self {
            db,
            batch: Vec::new(),
            batch_bytes: 0,
            report: Report::default(),
        }
    }

    /// What happened so far. Documents of the batch that is being filled are `read` and nothing else yet.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Reads a source; stores full batches.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// Dropped before it returns, whole batches are stored or not.
    pub async fn add(&mut self, source: &Source) -> Result<(), Error> {
        self.add_with_progress(source, |_, _| ()).await
    }

    /// As [`add`](Self::add), telling after each document how many of the source's are done, and of how many.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// As [`add`](Self::add).
    pub async fn add_with_progress(
        &mut self,
        source: &Source,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<(), Error> {
        let documents = prepare(source);
        let total = documents.len();
        for (index, document) in documents.into_iter().enumerate() {
            self.report.read += 1;
            match document {
                Ok(candidate) => {
                    self.batch_bytes += candidate.submission.document.text().len();
                    self.batch.push(candidate);
                    if self.batch.len() >= BATCH_DOCUMENTS || self.batch_bytes >= BATCH_BYTES {
                        self.store().await?;
                    }
                }
                Err(problem) => {
                    self.report.rejected += 1;
                    self.report.note(*problem);
                }
            }
            progress(index + 1, total);
        }
        Ok(())
    }

    /// Stores what is left and gives the report.
    ///
    /// # Errors
    /// Whatever the pool reports.
    pub async fn finish(mut self) -> Result<Report, Error> {
        self.store().await?;
        Ok(self.report)
    }

    async fn store(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let (submissions, remarks): (Vec<_>, Vec<_>) = self
            .batch
            .drain(..)
            .map(|candidate| (candidate.submission, (candidate.remark, candidate.place)))
            .unzip();
        self.batch_bytes = 0;
        let outcomes = publish_all(self.db, &submissions)
            .await
            .map_err(|error| self.interrupted(error))?;
        for ((submission, (remark, place)), outcome) in
            submissions.iter().zip(remarks).zip(outcomes)
        {
            match outcome {
                Outcome::Imported => {
                    self.report.imported += 1;
                    if let Some(remark) = remark {
                        self.report.repaired += usize::from(remark.verdict == Verdict::Repaired);
                        self.report.note(remark);
                    }
                }
                Outcome::Updated => self.report.updated += 1,
                Outcome::Unchanged => self.report.unchanged += 1,
                Outcome::Conflict => {
                    self.report.conflicts += 1;
                    let document = &submission.document;
                    let names = Some((document.name(), document.version()));
                    self.report
                        .note(place.problem(names, Verdict::Conflict, vec![conflict()]));
                }
            }
        }
        Ok(())
    }

    fn interrupted(&self, error: Error) -> Error {
        let stored = self.report.imported + self.report.updated;
        let hint = error
            .hint()
            .map_or_else(String::new, |hint| format!("{hint}; "));
        let hint = format!("{hint}run the import again: what is stored already is passed over");
        Error::caused_by(
            format!(
                "the import stopped; it has stored {}",
                counted(stored, "document")
            ),
            error,
        )
        .with_hint(hint)
    }
}

fn conflict() -> Fault {
    let message = "is published already with other content, and versions are immutable: publish it as a new version";
    Fault::new("/version", "version-conflict", message)
}

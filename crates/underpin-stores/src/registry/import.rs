//! Importing documents: each valid one is stored, each other one reported.

mod form;
mod prepare;
mod report;
mod source;

pub use report::{Problem, Report, Verdict};
pub use source::{FILE_BYTES_MAX, Source, files};

use super::fault::Fault;
use super::publish::{Outcome, Submission, publish_all};
use crate::Error;
use prepare::{Candidate, Place, Prepared, prepare};
use std::iter::once;
use std::ops::Range;
use underpin_core::{Chain, ErrorKind, counted};
use underpin_pool::Database;

/// Documents of one transaction.
const BATCH_DOCUMENTS: usize = 500;
/// Bytes of one transaction; a batch exceeds it by one document at most.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Checks a source without storing anything: every document counts as `read`, the bad ones as `rejected`.
#[must_use]
pub fn check(source: &Source) -> Report {
    let mut report = Report::default();
    let Prepared { documents, note } = prepare(source);
    for document in documents {
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
    note.into_iter().for_each(|note| report.note(note));
    report
}

/// Stores the documents of any number of sources, in transactions of up to 500 documents.
///
/// A document that breaks a rule is reported and passed over, as is one that the database refuses, whatever its reason: the
/// documents of its transaction are then stored in smaller ones. What is not about a document (the database is away, the
/// disk is full) ends the import; what was stored before stays, and importing again passes over it.
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
    /// Dropped before it returns, whole transactions are stored or not.
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
        let Prepared { documents, note } = prepare(source);
        note.into_iter().for_each(|note| self.report.note(note));
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

    /// Stores the batch: as a whole, or, where the database refuses it, by halves down to the documents that it refuses.
    async fn store(&mut self) -> Result<(), Error> {
        let (submissions, remarks): (Vec<Submission>, Vec<_>) = self
            .batch
            .drain(..)
            .map(|candidate| (candidate.submission, (candidate.remark, candidate.place)))
            .unzip();
        self.batch_bytes = 0;
        let mut remarks = remarks.into_iter();
        let mut parts: Vec<Range<usize>> = once(0..submissions.len()).collect();
        while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
            let documents = submissions.get(part.clone()).unwrap_or_default();
            match publish_all(self.db, documents).await {
                Ok(outcomes) => {
                    for ((submission, outcome), remark) in
                        documents.iter().zip(outcomes).zip(&mut remarks)
                    {
                        self.stored(submission, outcome, remark);
                    }
                }
                Err(error) if !is_about_a_document(&error) => return Err(self.interrupted(error)),
                Err(error) => match documents {
                    [submission] => {
                        if let Some((_, place)) = remarks.next() {
                            self.refused(submission, &place, &error);
                        }
                    }
                    several => {
                        // The first half is stored first: of several with one name and version, the first stands.
                        let middle = part.start + several.len() / 2;
                        parts.push(middle..part.end);
                        parts.push(part.start..middle);
                    }
                },
            }
        }
        Ok(())
    }

    fn stored(
        &mut self,
        submission: &Submission,
        outcome: Outcome,
        (remark, place): (Option<Problem>, Place),
    ) {
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

    fn refused(&mut self, submission: &Submission, place: &Place, error: &Error) {
        self.report.rejected += 1;
        let names = (submission.document.name(), submission.document.version());
        let message = match of_pool(error) {
            Some(cause) => format!("the database refused it: {}", Chain(cause)),
            None => format!("the database refused it: {error}"),
        };
        let fault = Fault::new("", "database", message);
        self.report
            .note(place.problem(Some(names), Verdict::Rejected, vec![fault]));
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

/// Would the same database take other documents? Then this one is at fault, whatever is the matter with it.
///
/// By SQLSTATE: data (22), constraints (23, 44), what a trigger raises (P0), limits of the program (54), what the server has
/// not implemented (0A) or stumbles over (XX000). A full disk, a missing table or a lost connection is none of these.
fn is_about_a_document(error: &Error) -> bool {
    let Some(error) = of_pool(error) else {
        return false;
    };
    match error.code() {
        Some("XX000") => true,
        Some(code) => ["22", "23", "44", "P0", "54", "0A"]
            .iter()
            .any(|class| code.starts_with(class)),
        // A value that could not even be sent.
        None => error.kind() == ErrorKind::InvalidInput,
    }
}

fn of_pool(error: &Error) -> Option<&underpin_pool::Error> {
    Chain(error)
        .iter()
        .find_map(|cause| cause.downcast_ref::<underpin_pool::Error>())
}

fn conflict() -> Fault {
    let message = "is published already with other content, and versions are immutable: publish it as a new version";
    Fault::new("/version", "version-conflict", message)
}

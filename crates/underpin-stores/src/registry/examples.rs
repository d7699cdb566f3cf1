//! A few servers written for this project, so that a new registry in development shows something.

use super::document::Document;
use super::models::RegistryServer;
use super::publish::{Official, Outcome, Submission, publish_all};
use super::read::unread;
use crate::Error;
use underpin_model::Repositories;
use underpin_pool::Database;

const TEXTS: [&str; 6] = [
    include_str!("examples/clock-1.0.0.json"),
    include_str!("examples/clock-1.1.0.json"),
    include_str!("examples/clock-1.1.0-beta.1.json"),
    include_str!("examples/notes.json"),
    include_str!("examples/warehouse.json"),
    include_str!("examples/weather.json"),
];

/// The example servers: local and remote, packages of several kinds, one with three versions.
#[must_use]
pub fn examples() -> Vec<Document> {
    let documents = TEXTS.iter().map(|text| Document::parse(text));
    documents.filter_map(Result::ok).collect() // all of them: a test counts
}

/// Publishes the examples when nothing was ever published here; gives how many were stored.
///
/// For development: a registry that holds anything, even only deleted servers, is left alone.
///
/// # Errors
/// Whatever the pool reports; then nothing was stored.
pub async fn seed_examples(db: &Database) -> Result<usize, Error> {
    let servers = db.repository::<RegistryServer>();
    if servers.find_all().exists().await.map_err(unread)? {
        return Ok(0);
    }
    let submissions: Vec<Submission> = examples()
        .into_iter()
        .map(|document| Submission {
            document,
            original: None,
            official: Official::default(),
        })
        .collect();
    let outcomes = publish_all(db, &submissions).await?;
    Ok(outcomes
        .into_iter()
        .filter(|outcome| *outcome == Outcome::Imported)
        .count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_valid() {
        for text in TEXTS {
            if let Err(faults) = Document::parse(text) {
                panic!("{faults:#?}");
            }
        }
        assert_eq!(examples().len(), TEXTS.len());
    }
}

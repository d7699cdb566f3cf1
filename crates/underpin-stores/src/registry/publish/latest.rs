//! Which version of a server is the latest.

use super::{Ids, Outcome, Submission};
use crate::registry::models::RegistryServerVersion;
use crate::registry::server::Status;
use std::collections::HashMap;
use underpin_core::Id;
use underpin_model::FromRow;

/// Where the versions of a server stand after a batch was stored.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Standing {
    name: String,
    /// The latest version so far.
    holder: Option<String>,
    holder_id: Option<Id<RegistryServerVersion>>,
    holder_deleted: bool,
    /// The version that the rules choose of all.
    champion: String,
    champion_id: Id<RegistryServerVersion>,
    champion_deleted: bool,
}

/// A server's latest version changes.
#[derive(Debug, Clone)]
pub(crate) struct Move<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// The row of the version that was the latest, when there was one.
    pub(crate) from: Option<Id<RegistryServerVersion>>,
    /// The row of the version that is the latest from now on.
    pub(crate) to: Id<RegistryServerVersion>,
}

/// The servers whose latest version changes.
pub(crate) fn moved<'a>(
    standings: &'a [Standing],
    batch: &'a [Submission],
    outcomes: &[Outcome],
    ids: &Ids<'_>,
) -> Vec<Move<'a>> {
    let mut by_name: HashMap<&str, Vec<(&Submission, Outcome)>> = HashMap::new();
    for (submission, outcome) in batch.iter().zip(outcomes) {
        by_name
            .entry(submission.document.name())
            .or_default()
            .push((submission, *outcome));
    }
    let mut moved = Vec::new();
    for standing in standings {
        let submissions = by_name
            .get(standing.name.as_str())
            .map_or(&[][..], Vec::as_slice);
        let chosen = choose(standing, submissions);
        if standing.holder.as_deref() != Some(chosen) {
            // A version that is not of this batch is the rules' choice.
            let of_batch = ids.get(&(standing.name.as_str(), chosen));
            moved.push(Move {
                name: &standing.name,
                version: chosen,
                from: standing.holder_id,
                to: of_batch.copied().unwrap_or(standing.champion_id),
            });
        }
    }
    moved
}

/// A version that its source marks as the latest is; then a version published now, when the rules choose it; then the
/// one that was the latest, as long as it is not deleted; then the rules' choice.
///
/// So a back-port does not take the place, a prerelease sorts before its release, and any version that is not semantic
/// takes it when it is published.
fn choose<'a>(standing: &'a Standing, submissions: &[(&'a Submission, Outcome)]) -> &'a str {
    let marked: Vec<&str> = submissions
        .iter()
        .filter(|(submission, outcome)| *outcome != Outcome::Conflict && is_marked(submission))
        .map(|(submission, _)| submission.document.version())
        .collect();
    if marked.contains(&standing.champion.as_str()) {
        return &standing.champion;
    }
    if let Some(last) = marked.last() {
        return last;
    }
    let is_published_now = submissions.iter().any(|(submission, outcome)| {
        *outcome == Outcome::Imported
            && submission.official.is_latest.is_none()
            && submission.document.version() == standing.champion
    });
    match &standing.holder {
        Some(holder)
            if !is_published_now && (!standing.holder_deleted || standing.champion_deleted) =>
        {
            holder
        }
        _ => &standing.champion,
    }
}

fn is_marked(submission: &Submission) -> bool {
    submission.official.is_latest == Some(true)
        && submission.official.status != Some(Status::Deleted)
}

#[cfg(test)]
mod tests {
    use super::super::Official;
    use super::*;
    use crate::registry::document::Document;

    fn submission(version: &str, is_latest: Option<bool>, status: Option<Status>) -> Submission {
        let text = format!(r#"{{"name":"a/b","description":"x","version":"{version}"}}"#);
        let official = Official {
            is_latest,
            status,
            ..Official::default()
        };
        Submission {
            document: Document::parse(&text).unwrap(),
            original: None,
            official,
        }
    }

    fn standing(holder: Option<&str>, holder_deleted: bool, champion: &str) -> Standing {
        Standing {
            name: "a/b".into(),
            holder: holder.map(String::from),
            holder_id: holder.map(|_| Id::now()),
            holder_deleted,
            champion: champion.into(),
            champion_id: Id::now(),
            champion_deleted: false,
        }
    }

    #[test]
    fn a_mark_beats_the_rules_and_the_rules_beat_the_holder() {
        let marked = submission("1.0.0", Some(true), None);
        let plain = submission("2.0.0", None, None);
        let unmarked = submission("2.0.0", Some(false), None);
        let held = standing(Some("1.5.0"), false, "2.0.0");
        let check = |submissions: &[&Submission], expected| {
            let submissions: Vec<_> = submissions
                .iter()
                .map(|one| (*one, Outcome::Imported))
                .collect();
            assert_eq!(choose(&held, &submissions), expected);
        };
        check(&[&marked, &plain], "1.0.0");
        check(&[&plain], "2.0.0");
        check(&[&unmarked], "1.5.0");
        check(&[], "1.5.0");
    }

    #[test]
    fn a_deleted_version_gives_the_place_up() {
        let deleted = submission("3.0.0", Some(true), Some(Status::Deleted));
        let held = standing(Some("3.0.0"), true, "2.0.0");
        assert_eq!(choose(&held, &[(&deleted, Outcome::Updated)]), "2.0.0");
        let all_deleted = Standing {
            champion_deleted: true,
            ..held
        };
        assert_eq!(choose(&all_deleted, &[]), "3.0.0");
    }

    #[test]
    fn there_is_always_one() {
        let unmarked = submission("1.0.0", Some(false), None);
        assert_eq!(
            choose(
                &standing(None, false, "1.0.0"),
                &[(&unmarked, Outcome::Imported)]
            ),
            "1.0.0"
        );
    }
}

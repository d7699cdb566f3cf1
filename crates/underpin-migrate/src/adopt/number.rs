//! Gives each migration of a tool a version of fourteen digits.

use super::project::{Change, VERSION_MAX};
use crate::Error;
use crate::files::Version;
use std::collections::BTreeMap;
use underpin_core::ErrorKind;

/// Versions in the order of the migrations: what the tool's own number gives, or the next one that is free; and what an
/// earlier adoption recorded stays.
///
/// # Errors
/// [`ErrorKind::HistoryConflict`] when the tool now has one before those that were recorded, [`ErrorKind::Unsupported`]
/// when fourteen digits are not enough.
pub(super) fn number(
    changes: &[Change],
    recorded: &BTreeMap<String, Version>,
) -> Result<Vec<Version>, Error> {
    let mut versions = Vec::with_capacity(changes.len());
    let mut next = 0;
    for change in changes {
        let version = match recorded.get(&change.name) {
            Some(recorded) if recorded.to_i64() < next => return Err(out_of_order(change)),
            Some(recorded) => recorded.to_i64(),
            None => change.base.max(next),
        };
        if version > VERSION_MAX {
            let message = format!(
                "no version of 14 digits is left for {}",
                change.file.display()
            );
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_hint("give it, and those before it, smaller numbers"));
        }
        next = version + 1;
        versions.push(Version::from_i64(version));
    }
    Ok(versions)
}

fn out_of_order(change: &Change) -> Error {
    let message = format!(
        "{} was taken over earlier, and now stands behind one that was not there",
        change.file.display()
    );
    Error::conflict(message)
        .with_hint("give the new migration a number behind those that were taken over")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bases: &[i64], recorded: &[(&str, i64)]) -> Result<Vec<i64>, Error> {
        let changes = bases.iter().enumerate().map(|(index, base)| Change {
            name: index.to_string(),
            base: *base,
            ..Change::default()
        });
        let recorded = recorded
            .iter()
            .map(|(name, version)| ((*name).to_owned(), Version::from_i64(*version)))
            .collect();
        let versions = number(&changes.collect::<Vec<_>>(), &recorded)?;
        Ok(versions.into_iter().map(Version::to_i64).collect())
    }

    #[test]
    fn a_number_that_is_free_is_kept_and_the_order_always_is() {
        assert_eq!(
            numbers(&[1, 2, 20_240_501_120_000], &[]).expect("fine"),
            [1, 2, 20_240_501_120_000]
        );
        assert_eq!(numbers(&[5, 5, 6, 0], &[]).expect("fine"), [5, 6, 7, 8]);
    }

    #[test]
    fn what_was_recorded_stays() {
        assert_eq!(numbers(&[5, 5, 9], &[("1", 8)]).expect("fine"), [5, 8, 9]);
        let error = numbers(&[5, 6], &[("1", 5)]).expect_err("no room before it");
        assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    }

    #[test]
    fn fourteen_digits_may_not_be_enough() {
        let error = numbers(&[VERSION_MAX, 1], &[]).expect_err("too many");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}

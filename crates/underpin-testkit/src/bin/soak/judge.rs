//! Compares what the writers know with what is written.

use crate::Error;
use crate::ledger::{Complaints, Fate, Ledger, Run};
use crate::writer::{IDS, first_id};
use std::time::Duration;
use tokio::time::timeout;
use underpin_pool::Session;

/// How long reading one writer's rows may take.
const READ_DEADLINE: Duration = Duration::from_secs(60);

/// The judgement. All ids named in it should not be there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Rows that were acknowledged.
    pub(crate) acknowledged: i64,
    /// Writes of unknown outcome that turned out to be written, and not.
    pub(crate) resolved: (usize, usize),
    /// Acknowledged, or found by their writer, and not there.
    pub(crate) missing: Vec<i64>,
    /// More than once there.
    pub(crate) twice: Vec<i64>,
    /// Of a transaction of which other rows are not there.
    pub(crate) torn: Vec<i64>,
    /// There, although the writer was told that nothing was written, or has taken it back.
    pub(crate) unasked: Vec<i64>,
    /// Answers that were wrong.
    pub(crate) wrong: Complaints,
    /// What a borrower of a session found of the one before.
    pub(crate) left: Complaints,
}

impl Verdict {
    pub(crate) fn is_clean(&self) -> bool {
        [&self.missing, &self.twice, &self.torn, &self.unasked]
            .iter()
            .all(|ids| ids.is_empty())
            && self.wrong.count == 0
            && self.left.count == 0
    }

    /// Weighs one writer's runs against its rows, both in ascending order.
    fn weigh(&mut self, runs: &[Run], mut written: Vec<i64>) {
        let again = written.windows(2).filter(|pair| pair[0] == pair[1]);
        self.twice.extend(again.map(|pair| pair[0]));
        self.twice.dedup();
        written.dedup();
        for run in runs {
            let end = run.first + run.rows;
            let place = |id: i64| written.partition_point(|written| *written < id);
            let there = &written[place(run.first)..place(end)];
            let is_whole = there.len() == usize::try_from(run.rows).unwrap_or(usize::MAX);
            match run.fate {
                Fate::Acknowledged | Fate::Found => {
                    if run.fate == Fate::Found {
                        self.resolved.0 += 1;
                    } else {
                        self.acknowledged += run.rows;
                    }
                    if !is_whole {
                        let missing =
                            (run.first..end).filter(|id| there.binary_search(id).is_err());
                        self.missing.extend(missing);
                    }
                }
                Fate::Unknown if is_whole => self.resolved.0 += 1,
                Fate::Unknown => {
                    self.resolved.1 += 1;
                    self.torn.extend(there);
                }
                Fate::Refused => self.unasked.extend(there),
            }
        }
    }
}

/// Reads everything and judges. Nobody may write any more.
pub(crate) async fn judge(session: &Session, ledger: &Ledger) -> Result<Verdict, Error> {
    let (wrong, left) = ledger.complaints();
    let mut verdict = Verdict {
        wrong,
        left,
        ..Verdict::default()
    };
    for (number, account) in ledger.accounts().iter().enumerate() {
        let first = first_id(number);
        let (select, end) = (
            "SELECT id FROM written WHERE id >= $1 AND id < $2 ORDER BY id",
            first + IDS,
        );
        let rows = timeout(READ_DEADLINE, session.query(select, &[&first, &end])).await;
        let rows = rows
            .map_err(|_| Error::late("the final read", READ_DEADLINE))?
            .map_err(|cause| Error::caused_by("could not read what is written", cause))?;
        let ids: Result<Vec<i64>, _> = rows.iter().map(|row| row.get(0)).collect();
        let ids = ids.map_err(|cause| Error::caused_by("could not read an id", cause))?;
        verdict.weigh(&account.runs(), ids);
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runs: &[(i64, i64, Fate)], written: &[i64], expected: &Verdict) {
        let runs: Vec<_> = runs
            .iter()
            .map(|&(first, rows, fate)| Run { first, rows, fate })
            .collect();
        let mut verdict = Verdict::default();
        verdict.weigh(&runs, written.to_vec());
        assert_eq!(verdict, *expected, "{runs:?} {written:?}");
    }

    #[test]
    fn every_kind_of_broken_promise_is_found() {
        let clean = Verdict::default;
        check(
            &[(0, 3, Fate::Acknowledged), (3, 1, Fate::Refused)],
            &[0, 1, 2],
            &Verdict {
                acknowledged: 3,
                ..clean()
            },
        );
        check(
            &[(0, 3, Fate::Acknowledged), (3, 1, Fate::Found)],
            &[0, 2],
            &Verdict {
                acknowledged: 3,
                resolved: (1, 0),
                missing: vec![1, 3],
                ..clean()
            },
        );
        check(
            &[(0, 1, Fate::Acknowledged), (1, 1, Fate::Refused)],
            &[0, 0, 0, 1],
            &Verdict {
                acknowledged: 1,
                twice: vec![0],
                unasked: vec![1],
                ..clean()
            },
        );
        check(
            &[
                (0, 3, Fate::Unknown),
                (3, 3, Fate::Unknown),
                (6, 3, Fate::Unknown),
            ],
            &[0, 1, 2, 7],
            &Verdict {
                resolved: (1, 2),
                torn: vec![7],
                ..clean()
            },
        );
    }
}

//! What an import did, for people and scripts.

use crate::registry::fault::Fault;
use serde::Serialize;

/// Problems listed one by one; more are only counted.
const PROBLEMS_MAX: usize = 10_000;

/// What became of every document read: `read` is the sum of `imported`, `updated`, `unchanged`, `conflicts`, `rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Documents found. A file that could not be read counts as one.
    pub read: usize,
    /// New versions stored.
    pub imported: usize,
    /// Versions that were there, whose status or place as the latest changed.
    pub updated: usize,
    /// Versions that were there with the same content.
    pub unchanged: usize,
    /// Versions that were there with other content: they stay as they are.
    pub conflicts: usize,
    /// Documents that break a rule: not stored.
    pub rejected: usize,
    /// Of the imported ones: converted from the older format with repairs.
    pub repaired: usize,
    /// What there is to say, document by document.
    pub problems: Vec<Problem>,
    /// Problems beyond the list's bound.
    pub problems_left_out: usize,
}

/// What there is to say about one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, or `-` for standard input.
    pub file: String,
    /// The document's place in a list, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The line it begins on, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The server's name, as far as it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version, as far as it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What was done about it.
    pub verdict: Verdict,
    /// Field by field; at least one.
    pub faults: Vec<Fault>,
}

/// What was done about a document with a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is not stored.
    Rejected,
    /// Other content is stored under its name and version, and stays.
    Conflict,
    /// It is stored after repairs; the original is stored beside it.
    Repaired,
    /// It is stored as it is.
    Noted,
}

impl Verdict {
    /// As in a report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Conflict => "conflict",
            Self::Repaired => "repaired",
            Self::Noted => "noted",
        }
    }
}

impl Report {
    /// Is everything that was read in the registry now?
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.rejected == 0 && self.conflicts == 0
    }

    /// Adds the counts and problems of another report.
    pub fn add(&mut self, other: Self) {
        let Self {
            read,
            imported,
            updated,
            unchanged,
            conflicts,
            rejected,
            repaired,
            problems,
            problems_left_out,
        } = other;
        self.read += read;
        self.imported += imported;
        self.updated += updated;
        self.unchanged += unchanged;
        self.conflicts += conflicts;
        self.rejected += rejected;
        self.repaired += repaired;
        self.problems_left_out += problems_left_out;
        problems.into_iter().for_each(|problem| self.note(problem));
    }

    pub(crate) fn note(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.problems_left_out += 1;
        }
    }
}

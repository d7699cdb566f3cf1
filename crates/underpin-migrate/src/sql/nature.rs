//! What kind of statement a statement is.

use serde::Serialize;

/// How a statement must be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// In a transaction, together with its neighbours and their rows in the ledger.
    Transactional,
    /// As `Transactional`, and again when a half-applied file is resumed: it changes the session (`SET`).
    Setting,
    /// Alone, outside any transaction: PostgreSQL refuses it inside one (`CREATE INDEX CONCURRENTLY`, `VACUUM`).
    Alone,
}

impl Class {
    /// As the ledger spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Setting => "setting",
            Self::Alone => "alone",
        }
    }
}

/// The setting of `SET ROLE` and `SET SESSION AUTHORIZATION`.
pub(crate) const ROLE: &str = "role";

/// All that the runner needs to know of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nature {
    pub(crate) class: Class,
    pub(crate) work: Work,
    pub(crate) seam: Seam,
    pub(crate) subject: Subject,
    /// The setting that it changes, in lower case; [`ROLE`] stands for role and session user.
    pub(crate) sets: Option<String>,
}

impl Nature {
    pub(super) fn transactional(work: Work) -> Self {
        Self {
            class: Class::Transactional,
            work,
            seam: Seam::None,
            subject: Subject::Unknown,
            sets: None,
        }
    }

    pub(super) fn alone(subject: Subject) -> Self {
        Self {
            class: Class::Alone,
            work: Work::Scan,
            seam: Seam::None,
            subject,
            sets: None,
        }
    }

    pub(super) fn concurrent(subject: Subject) -> Self {
        Self {
            work: Work::Concurrent,
            ..Self::alone(subject)
        }
    }

    pub(super) fn setting(sets: Option<String>) -> Self {
        Self {
            class: Class::Setting,
            work: Work::Schema,
            seam: Seam::None,
            subject: Subject::Unknown,
            sets,
        }
    }
}

/// How long a statement may reasonably take: decides its `statement_timeout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Changes the catalog, under a strong lock: must be quick.
    Schema,
    /// Reads a whole table: validation, vacuum.
    Scan,
    /// As `Scan`, and waits for others without holding them up, so that no lock timeout is needed: CONCURRENTLY.
    Concurrent,
    /// Reads or writes rows.
    Data,
}

/// Why a statement may not share a transaction with some of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seam {
    None,
    /// Adds a constraint NOT VALID: a VALIDATE in the same transaction would scan under the strong lock (rule 24).
    NotValid,
    /// Validates a constraint.
    Validate,
    /// Adds an enum value, which is unusable until the transaction is committed (rule 33).
    EnumValue,
}

/// What an `Alone` statement works on: the catalog is asked about it when the ledger does not know how it ended.
///
/// Names are SQL text as written, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// `CREATE INDEX CONCURRENTLY`; an index without a name is chosen one by the server.
    CreateIndex {
        index: Option<String>,
        table: String,
    },
    /// `DROP INDEX CONCURRENTLY`.
    DropIndex { index: String },
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`.
    Detach { table: String, partition: String },
    /// `CREATE` or `DROP` of something that lives outside the database's schemas.
    Global {
        catalog: Catalog,
        name: String,
        create: bool,
    },
    /// `REINDEX` of an index or a table: may be run again once its INVALID remains are gone.
    Reindex { target: String },
    /// May simply be run again: `VACUUM`, `CLUSTER`, `ALTER SYSTEM`.
    Repeatable,
    /// Nothing can be asked. One that also runs alone may keep a part of its work when it fails: a person decides.
    Unknown,
}

/// A catalog of global objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Catalog {
    Database,
    Tablespace,
    Subscription,
}

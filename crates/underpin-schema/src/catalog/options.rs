//! The options that people set with `WITH (…)` and `SET (…)`, told from those that the server keeps for itself.
//!
//! The catalog keeps both in the same arrays: a server may note something of its own there, which differs in each
//! database, is not in `pg_dump`'s output, and is refused by `SET (…)`. PostgreSQL 15.20 does so with `pg_attver` of
//! every column. So only known options are facts. The others are neither copied nor compared, and are listed.

use crate::{Error, Parameters};
use std::collections::BTreeSet;
use underpin_pool::Row;

/// Names that begin so are PostgreSQL's own, whatever they belong to.
const SERVERS_OWN: &str = "pg_";
/// Before the options of a table's TOAST table.
const TOAST: &str = "toast.";

/// What has options.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'a> {
    /// A table or a materialised view, and its access method; None: heap.
    Table(Option<&'a str>),
    View,
    Column,
    /// An index, and its access method.
    Index(&'a str),
    /// The operator class of an index's column, and its schema.
    OperatorClass(&'a str),
}

impl Owner<'_> {
    fn knows(self, name: &str) -> bool {
        match self {
            Self::Table(None) => {
                TABLE.contains(&name)
                    || name
                        .strip_prefix(TOAST)
                        .is_some_and(|name| TABLE.contains(&name))
            }
            Self::View => VIEW.contains(&name),
            Self::Column => COLUMN.contains(&name),
            Self::Index("btree") => ["fillfactor", "deduplicate_items"].contains(&name),
            Self::Index("hash" | "spgist") => name == "fillfactor",
            Self::Index("gist") => ["fillfactor", "buffering"].contains(&name),
            Self::Index("gin") => ["fastupdate", "gin_pending_list_limit"].contains(&name),
            Self::Index("brin") => ["pages_per_range", "autosummarize"].contains(&name),
            Self::OperatorClass("pg_catalog") => OPERATOR_CLASS.contains(&name),
            // An extension names its options as it likes, and the server takes none that it does not know.
            Self::Table(Some(_)) | Self::Index(_) | Self::OperatorClass(_) => {
                !name.starts_with(SERVERS_OWN)
            }
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Table(_) => "tables",
            Self::View => "views",
            Self::Column => "columns",
            Self::Index(_) => "indexes",
            Self::OperatorClass(_) => "operator classes",
        }
    }
}

/// The options of a heap table in PostgreSQL 14 to 18, and of its TOAST table. An older server refuses the newer ones
/// itself.
const TABLE: &[&str] = &[
    "autovacuum_analyze_scale_factor",
    "autovacuum_analyze_threshold",
    "autovacuum_enabled",
    "autovacuum_freeze_max_age",
    "autovacuum_freeze_min_age",
    "autovacuum_freeze_table_age",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_multixact_freeze_min_age",
    "autovacuum_multixact_freeze_table_age",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_max_threshold",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_threshold",
    "fillfactor",
    "log_autovacuum_min_duration",
    "parallel_workers",
    "toast_tuple_target",
    "user_catalog_table",
    "vacuum_index_cleanup",
    "vacuum_max_eager_freeze_failure_rate",
    "vacuum_truncate",
];
const VIEW: &[&str] = &["check_option", "security_barrier", "security_invoker"];
const COLUMN: &[&str] = &["n_distinct", "n_distinct_inherited"];
/// Those of `tsvector_ops` and of BRIN's bloom and minmax-multi classes.
const OPERATOR_CLASS: &[&str] = &[
    "false_positive_rate",
    "n_distinct_per_range",
    "siglen",
    "values_per_range",
];

/// The known options of an array of `name=value`; the others are added to `unknown`.
pub(super) fn options(
    row: &Row,
    column: &str,
    owner: Owner<'_>,
    unknown: &mut BTreeSet<String>,
) -> Result<Parameters, Error> {
    let texts: Option<Vec<String>> = row.get(column)?;
    let mut known = Parameters::new();
    for text in texts.into_iter().flatten() {
        let (name, value) = text.split_once('=').unwrap_or((&text, ""));
        if owner.knows(name) {
            known.insert(name.to_owned(), value.to_owned());
        } else {
            unknown.insert(format!("{name} of {}", owner.title()));
        }
    }
    Ok(known)
}

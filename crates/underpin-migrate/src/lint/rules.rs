//! Our rules on top of the floor, one a file (or two that are decided in one look).

mod attach_partition;
mod backfill;
mod bad_option;
mod check_scan;
mod concurrently;
mod domain_scan;
mod drop_cascade;
mod drop_then_create;
mod enum_values;
mod exclusion;
mod foreign_key;
mod function_body;
mod grant;
mod index_corruption;
mod index_exists;
mod index_recreated;
mod measured;
mod missing_analyze;
mod order;
mod partitioned_index;
mod partitioned_key;
mod pending_events;
mod prefer_jsonb;
mod primary_key_index;
mod self_numbering;
mod several_alters;
mod syntax_error;
mod table_rewrite;
mod transaction_control;
mod truncate;
mod type_change;
mod unchecked;
mod vacuum_full;
mod wide_index;
mod work_under_lock;

use super::rule::Rule;

pub(super) use bad_option::BAD_OPTION;
pub(super) use syntax_error::SYNTAX_ERROR;
pub(super) use unchecked::UNCHECKED;

/// All of them, by number.
pub(super) static ALL: &[&Rule] = &[
    &concurrently::IN_TRANSACTION,
    &concurrently::BESIDE_OTHERS,
    &concurrently::SET_LOCAL,
    &index_recreated::RULE,
    &index_exists::IF_NOT_EXISTS,
    &index_exists::INVALID,
    &partitioned_index::RULE,
    &index_corruption::RULE,
    &wide_index::RULE,
    &missing_analyze::RULE,
    &self_numbering::RULE,
    &type_change::RULE,
    &prefer_jsonb::RULE,
    &foreign_key::ON_NEW_TABLE,
    &foreign_key::WITHOUT_INDEX,
    &partitioned_key::RULE,
    &primary_key_index::RULE,
    &check_scan::WITH_COLUMN,
    &check_scan::AT_ONCE,
    &exclusion::RULE,
    &domain_scan::RULE,
    &truncate::RULE,
    &drop_cascade::RULE,
    &drop_then_create::RULE,
    &enum_values::USED,
    &enum_values::RENAMED,
    &enum_values::REMOVED,
    &attach_partition::RULE,
    &vacuum_full::RULE,
    &table_rewrite::RULE,
    &function_body::RULE,
    &grant::RULE,
    &transaction_control::RULE,
    &backfill::WITH_SCHEMA_CHANGE,
    &backfill::UNBATCHED,
    &pending_events::RULE,
    &several_alters::RULE,
    &work_under_lock::RULE,
    &order::RULE,
    &measured::LOCK,
    &measured::REWRITE,
    &measured::FAILURE,
    &SYNTAX_ERROR,
    &UNCHECKED,
    &BAD_OPTION,
];

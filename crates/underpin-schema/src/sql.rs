//! Facts as SQL: the statements that make one thing, and the clauses that such statements are made of.
//!
//! Every name is qualified, so that the statements mean the same under every search path.

mod annotate;
mod column;
mod constraint;
mod database;
mod index;
mod list;
mod sequence;
mod table;
mod trigger;
mod types;
mod view;

pub use annotate::{comment_on, depend_on_extension, grant_default, grants};
pub(crate) use column::identity_clause;
pub use column::{alter_column, column_definition, column_settings};
pub use constraint::{add_constraint, add_key_using_index, constraint_definition};
pub use database::{create_extension, create_namespace, create_statistics};
pub use index::{attach_index, create_index, index_settings};
pub use list::{names, parameters};
pub use sequence::{create_sequence, own_sequence, sequence_options};
pub use table::{attach_partition, create_table, inherited_settings, table_settings};
pub(crate) use trigger::roles;
pub use trigger::{create_policy, create_rule, create_trigger, part_triggers, set_firing};
pub use types::{
    add_domain_check, create_collation, create_composite, create_domain, create_enum, create_range,
};
pub use view::{create_materialised_view, create_view};

//! Storage parameters, and privileges of objects made later.

use crate::diff::change::{Change, ChangeKind};
use crate::sql;
use crate::{DefaultPrivileges, Object, Parameters, quote_identifier};

/// `SET (…)` and `RESET (…)`, as far as they are needed.
pub(super) fn parameters(from: &Parameters, to: &Parameters) -> Vec<String> {
    let changed: Parameters = to
        .iter()
        .filter(|(name, value)| from.get(*name) != Some(*value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let gone: Vec<String> = from
        .keys()
        .filter(|name| !to.contains_key(*name))
        .map(|name| {
            let words = name.split('.').map(quote_identifier);
            words.collect::<Vec<_>>().join(".")
        })
        .collect();
    let reset = (!gone.is_empty()).then(|| format!("RESET ({})", gone.join(", ")));
    let set = (!changed.is_empty()).then(|| format!("SET ({})", sql::parameters(&changed)));
    reset.into_iter().chain(set).collect()
}

pub(super) fn default_privileges(from: &DefaultPrivileges, to: &DefaultPrivileges) -> Vec<Change> {
    let change = DefaultPrivileges {
        key: to.key.clone(),
        privileges: to.privileges.since(&from.privileges),
    };
    let statements = sql::grant_default(&change);
    if statements.is_empty() {
        return Vec::new();
    }
    let change = Change::new(Object::DefaultPrivileges, ChangeKind::Access, statements);
    vec![change]
}

//! Giving things to their owners.

use super::thing::Thing;
use crate::facts::quote_identifier;

impl Thing<'_> {
    /// `ALTER … OWNER TO`; None for what goes with something else.
    pub(crate) fn give_to(&self, owner: &str) -> Option<String> {
        let target = match self {
            Self::Namespace(it) => format!("SCHEMA {}", quote_identifier(&it.name)),
            Self::Collation(it) => format!("COLLATION {}", it.name),
            Self::Domain(it) => format!("DOMAIN {}", it.name),
            Self::Enum(it) => format!("TYPE {}", it.name),
            Self::Composite(it) => format!("TYPE {}", it.name),
            Self::Range(it) => format!("TYPE {}", it.name),
            Self::Sequence(it) => format!("SEQUENCE {}", it.name),
            Self::Function(it) => format!("{} {}", it.kind.sql(), super::called(it)),
            Self::Table(it) => format!("TABLE {}", it.name),
            Self::View(it) => format!("VIEW {}", it.name),
            Self::MaterialisedView(it) => format!("MATERIALIZED VIEW {}", it.name),
            Self::Statistics(it) => format!("STATISTICS {}", it.name),
            _ => return None,
        };
        Some(format!(
            "ALTER {target} OWNER TO {}",
            quote_identifier(owner)
        ))
    }
}

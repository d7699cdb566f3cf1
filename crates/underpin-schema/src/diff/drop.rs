//! The statement that drops a thing.

use crate::create::{Thing, called};
use crate::facts::*;
use crate::sql;

/// The statement that drops a thing; None where nothing has to be done.
pub(super) fn dropping(thing: &Thing<'_>) -> Vec<String> {
    let part = |kind: &str, name: &str, of: &QualifiedName| {
        format!("DROP {kind} {} ON {of}", quote_identifier(name))
    };
    let one = match thing {
        Thing::Namespace(it) => format!("DROP SCHEMA {}", quote_identifier(&it.name)),
        Thing::Extension(it) => format!("DROP EXTENSION {}", quote_identifier(&it.name)),
        Thing::Collation(it) => format!("DROP COLLATION {}", it.name),
        Thing::Enum(it) => format!("DROP TYPE {}", it.name),
        Thing::Composite(it) => format!("DROP TYPE {}", it.name),
        Thing::Range(it) => format!("DROP TYPE {}", it.name),
        Thing::Domain(it) => format!("DROP DOMAIN {}", it.name),
        Thing::DomainDefault(it) => format!("ALTER DOMAIN {} DROP DEFAULT", it.name),
        Thing::DomainCheck(domain, it) => {
            let name = quote_identifier(&it.name);
            format!("ALTER DOMAIN {} DROP CONSTRAINT {name}", domain.name)
        }
        Thing::Sequence(it) => format!("DROP SEQUENCE {}", it.name),
        Thing::Function(it) => format!("DROP {} {}", it.kind.sql(), called(it)),
        Thing::Table(it) => format!("DROP TABLE {}", it.name),
        Thing::Column(table, it) => {
            let column = quote_identifier(&it.name);
            format!("ALTER TABLE {} DROP COLUMN {column}", table.name)
        }
        Thing::Default(table, it) => sql::alter_column(&table.name, &it.name, "DROP DEFAULT"),
        Thing::Constraint(table, it) => {
            // PostgreSQL 14 takes a key to a partitioned table from a partition when that is detached.
            let is_gone = it.as_foreign_key().is_some() && it.origin == Origin::Inherited;
            let if_exists = if is_gone { "IF EXISTS " } else { "" };
            let name = quote_identifier(&it.name);
            format!(
                "ALTER TABLE {} DROP CONSTRAINT {if_exists}{name}",
                table.name
            )
        }
        Thing::Index(table, it) => format!("DROP INDEX {}", table.sibling(&it.name)),
        Thing::Attach(table, partition) => {
            format!(
                "ALTER TABLE {} DETACH PARTITION {}",
                partition.parent, table.name
            )
        }
        Thing::Inherit(table, parent) => format!("ALTER TABLE {} NO INHERIT {parent}", table.name),
        Thing::Ownership(it) if it.owned_by.is_some() => sql::own_sequence(&it.name, None),
        Thing::View(it) => format!("DROP VIEW {}", it.name),
        Thing::MaterialisedView(it) => format!("DROP MATERIALIZED VIEW {}", it.name),
        Thing::Rule(table, it) => part("RULE", &it.name, table),
        Thing::Trigger(table, it) => part("TRIGGER", &it.name, table),
        Thing::Policy(table, it) => part("POLICY", &it.name, table),
        Thing::Statistics(it) => format!("DROP STATISTICS {}", it.name),
        Thing::DefaultPrivileges(it) => {
            let none = Privileges::default();
            return sql::grant_default(&DefaultPrivileges {
                key: it.key.clone(),
                privileges: none.since(&it.privileges),
            });
        }
        Thing::Tie(it) => return sql::depend_on_extension(it, false).into_iter().collect(),
        Thing::Member(it) => {
            let given_back = Privileges::default().since(&it.privileges);
            return sql::grants(&it.key.target, it.key.column.as_deref(), &given_back);
        }
        Thing::Ownership(_) | Thing::TableSettings(_) | Thing::AttachIndex(_) => {
            return Vec::new();
        }
    };
    vec![one]
}

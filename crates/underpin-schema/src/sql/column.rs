//! Columns.

use super::list::parameters;
use super::sequence::sequence_options;
use crate::{Column, Identity, IdentityKind, NotNull, QualifiedName, quote_identifier};

/// A column as `CREATE TABLE` and `ADD COLUMN` take it, with its default and `NOT NULL`.
///
/// What they do not take is set by [`column_settings`].
#[must_use]
pub fn column_definition(column: &Column) -> String {
    let mut sql = format!("{} {}", quote_identifier(&column.name), column.data_type);
    if let Some(compression) = &column.compression {
        sql.push_str(&format!(" COMPRESSION {compression}"));
    }
    if let Some(collation) = &column.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = &column.default {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(generated) = &column.generated {
        let stored = if generated.stored {
            "STORED"
        } else {
            "VIRTUAL"
        };
        sql.push_str(&format!(
            " GENERATED ALWAYS AS ({}) {stored}",
            generated.expression
        ));
    }
    if let Some(identity) = &column.identity {
        sql.push_str(&format!(" GENERATED {}", identity_clause(identity)));
    }
    if let Some(not_null) = column
        .not_null
        .as_ref()
        .filter(|not_null| not_null.validated)
    {
        sql.push_str(&not_null_clause(not_null));
    }
    sql
}

/// `ALWAYS AS IDENTITY (…)`.
pub(crate) fn identity_clause(identity: &Identity) -> String {
    let kind = match identity.kind {
        IdentityKind::Always => "ALWAYS",
        IdentityKind::ByDefault => "BY DEFAULT",
    };
    let name = identity
        .sequence
        .as_ref()
        .map(|name| format!("SEQUENCE NAME {name}"));
    let options = Some(sequence_options(&identity.options)).filter(|options| !options.is_empty());
    let options: Vec<String> = name.into_iter().chain(options).collect();
    if options.is_empty() {
        format!("{kind} AS IDENTITY")
    } else {
        format!("{kind} AS IDENTITY ({})", options.join(" "))
    }
}

fn not_null_clause(not_null: &NotNull) -> String {
    let name = not_null.name.as_ref();
    let name = name.map(|name| format!(" CONSTRAINT {}", quote_identifier(name)));
    let inherits = if not_null.inherits { "" } else { " NO INHERIT" };
    format!("{} NOT NULL{inherits}", name.unwrap_or_default())
}

/// `ALTER TABLE ONLY … ALTER COLUMN … `, followed by an action.
#[must_use]
pub fn alter_column(table: &QualifiedName, column: &str, action: &str) -> String {
    let column = quote_identifier(column);
    format!("ALTER TABLE ONLY {table} ALTER COLUMN {column} {action}")
}

/// What a column has that `CREATE TABLE` does not take: storage, statistics target, options, `NOT NULL … NOT VALID`.
#[must_use]
pub fn column_settings(table: &QualifiedName, column: &Column) -> Vec<String> {
    let mut statements = Vec::new();
    let mut alter = |action: String| statements.push(alter_column(table, &column.name, &action));
    if let Some(storage) = &column.storage {
        alter(format!("SET STORAGE {}", storage.to_uppercase()));
    }
    if let Some(target) = column.statistics {
        alter(format!("SET STATISTICS {target}"));
    }
    if !column.options.is_empty() {
        alter(format!("SET ({})", parameters(&column.options)));
    }
    if let Some(not_null) = column
        .not_null
        .as_ref()
        .filter(|not_null| !not_null.validated)
    {
        let name = not_null.name.as_ref();
        let name = name.map(|name| format!("CONSTRAINT {} ", quote_identifier(name)));
        let (name, column) = (name.unwrap_or_default(), quote_identifier(&column.name));
        statements.push(format!(
            "ALTER TABLE {table} ADD {name}NOT NULL {column} NOT VALID"
        ));
    }
    statements
}

//! Schemas, extensions and extended statistics.

use crate::{Extension, Namespace, Statistics, quote_identifier, quote_literal};

/// `CREATE SCHEMA`; `public` is only made where it is missing.
#[must_use]
pub fn create_namespace(namespace: &Namespace) -> String {
    let is_public = namespace.name == Namespace::PUBLIC;
    let unless = if is_public { "IF NOT EXISTS " } else { "" };
    format!(
        "CREATE SCHEMA {unless}{}",
        quote_identifier(&namespace.name)
    )
}

/// `CREATE EXTENSION`.
#[must_use]
pub fn create_extension(extension: &Extension) -> String {
    let mut sql = format!("CREATE EXTENSION {}", quote_identifier(&extension.name));
    if let Some(schema) = &extension.schema {
        sql.push_str(&format!(" SCHEMA {}", quote_identifier(schema)));
    }
    if let Some(version) = &extension.version {
        sql.push_str(&format!(" VERSION {}", quote_literal(version)));
    }
    sql
}

/// `CREATE STATISTICS`, and their target.
#[must_use]
pub fn create_statistics(statistics: &Statistics) -> Vec<String> {
    let Statistics {
        name,
        definition,
        target,
        ..
    } = statistics;
    let target = target.map(|target| format!("ALTER STATISTICS {name} SET STATISTICS {target}"));
    std::iter::once(definition.clone()).chain(target).collect()
}

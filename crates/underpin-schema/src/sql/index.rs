//! Indexes.

use super::list::{joined, names, parameters, tablespace_clause, with_clause};
use crate::{Index, IndexKey, NullsOrder, QualifiedName, SortOrder, Target, quote_identifier};

/// `CREATE INDEX`. On a partitioned table an index that is not valid is made on that table alone.
#[must_use]
pub fn create_index(table: &QualifiedName, index: &Index, concurrently: bool) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let concurrently = if concurrently { "CONCURRENTLY " } else { "" };
    let only = if index.valid { "" } else { "ONLY " };
    let name = quote_identifier(&index.name);
    let method = match index.method.as_str() {
        "btree" => String::new(),
        other => format!(" USING {}", quote_identifier(other)),
    };
    let keys = joined(index.keys.iter().map(key));
    let mut sql =
        format!("CREATE {unique}INDEX {concurrently}{name} ON {only}{table}{method} ({keys})");
    if !index.include.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", names(&index.include)));
    }
    if !index.nulls_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    sql.push_str(&with_clause(&index.parameters));
    sql.push_str(&tablespace_clause(index.tablespace.as_deref()));
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {predicate}"));
    }
    sql
}

fn key(key: &IndexKey) -> String {
    let mut sql = match &key.target {
        Target::Column(name) => quote_identifier(name).into_owned(),
        Target::Expression(expression) => expression.clone(),
    };
    if let Some(collation) = &key.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(class) = &key.operator_class {
        sql.push_str(&format!(" {}", class.name));
        if !class.options.is_empty() {
            sql.push_str(&format!(" ({})", parameters(&class.options)));
        }
    }
    if key.order == SortOrder::Descending {
        sql.push_str(" DESC");
    }
    if key.nulls != NullsOrder::default_of(key.order) {
        sql.push_str(match key.nulls {
            NullsOrder::First => " NULLS FIRST",
            NullsOrder::Last => " NULLS LAST",
        });
    }
    sql
}

/// What an index has that `CREATE INDEX` does not take.
#[must_use]
pub fn index_settings(table: &QualifiedName, index: &Index) -> Vec<String> {
    let name = table.sibling(&index.name);
    let targets = (1..)
        .zip(&index.keys)
        .filter_map(|(place, key)| Some((place, key.statistics?)));
    let mut statements: Vec<String> = targets
        .map(|(place, target)| {
            format!("ALTER INDEX {name} ALTER COLUMN {place} SET STATISTICS {target}")
        })
        .collect();
    if index.clustered {
        let name = quote_identifier(&index.name);
        statements.push(format!("ALTER TABLE {table} CLUSTER ON {name}"));
    }
    statements
}

/// Makes an index a part of that of a partitioned table; nothing happens when it is one.
#[must_use]
pub fn attach_index(parent: &QualifiedName, part: &QualifiedName) -> String {
    format!("ALTER INDEX {parent} ATTACH PARTITION {part}")
}

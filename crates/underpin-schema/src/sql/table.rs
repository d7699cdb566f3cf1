//! Tables.

use super::column::{alter_column, column_definition, column_settings};
use super::constraint::constraint_definition;
use super::list::{joined, tablespace_clause, with_clause};
use crate::{
    Column, Columns, Constraint, Partition, QualifiedName, ReplicaIdentity, Table, TableKind,
    quote_identifier,
};

/// `CREATE TABLE` with its columns and these of its constraints. A partition is made as a table of its own, to be
/// attached: so its columns, constraints and indexes keep their order and their names.
///
/// Columns and constraints that come from a table it inherits from are left to PostgreSQL.
#[must_use]
pub fn create_table<'a>(
    table: &'a Table,
    columns: &Columns,
    constraints: impl IntoIterator<Item = &'a Constraint>,
) -> String {
    let is_written = |is_own: bool| is_own || table.inherits.is_empty();
    let columns = columns
        .iter()
        .filter(|column| is_written(column.origin.is_own()));
    let constraints = constraints
        .into_iter()
        .filter(|constraint| is_written(constraint.origin.is_own()));
    let lines: Vec<String> = columns
        .map(column_definition)
        .chain(constraints.map(constraint_definition))
        .map(|line| format!("\n    {line}"))
        .collect();
    let unlogged = if table.unlogged { "UNLOGGED " } else { "" };
    let end = if lines.is_empty() { "" } else { "\n" };
    let mut sql = format!(
        "CREATE {unlogged}TABLE {} ({}{end})",
        table.name,
        lines.join(",")
    );
    if !table.inherits.is_empty() {
        let parents = joined(table.inherits.iter().map(QualifiedName::to_string));
        sql.push_str(&format!(" INHERITS ({parents})"));
    }
    if let TableKind::Partitioned(key) = &table.kind {
        sql.push_str(&format!(" PARTITION BY {}", key.0));
    }
    if let Some(method) = &table.access_method {
        sql.push_str(&format!(" USING {}", quote_identifier(method)));
    }
    sql.push_str(&with_clause(&table.parameters));
    sql.push_str(&tablespace_clause(table.tablespace.as_deref()));
    sql
}

/// `ALTER TABLE … ATTACH PARTITION`.
#[must_use]
pub fn attach_partition(table: &QualifiedName, partition: &Partition) -> String {
    let Partition { parent, bound } = partition;
    format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {table} {bound}")
}

/// What a table has that `CREATE TABLE` does not take. Its indexes and constraints must exist.
#[must_use]
pub fn table_settings(table: &Table) -> Vec<String> {
    let name = &table.name;
    let mut statements = Vec::new();
    if table.row_security.enabled {
        statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
    }
    if table.row_security.forced {
        statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
    }
    if let Some(index) = &table.clustered_on {
        statements.push(format!(
            "ALTER TABLE {name} CLUSTER ON {}",
            quote_identifier(index)
        ));
    }
    let identity = match &table.replica_identity {
        ReplicaIdentity::Default => None,
        ReplicaIdentity::Nothing => Some("NOTHING".to_owned()),
        ReplicaIdentity::Full => Some("FULL".to_owned()),
        ReplicaIdentity::Index(index) => Some(format!("USING INDEX {}", quote_identifier(index))),
    };
    statements.extend(
        identity.map(|identity| format!("ALTER TABLE ONLY {name} REPLICA IDENTITY {identity}")),
    );
    statements
}

/// What makes the columns that a table inherits differ from those of its parent: their defaults, `NOT NULL`.
#[must_use]
pub fn inherited_settings(table: &Table, parents: &[&Table]) -> Vec<String> {
    let mut statements = Vec::new();
    for column in table
        .columns
        .iter()
        .filter(|column| !column.origin.is_own())
    {
        let above: Vec<&Column> = parents
            .iter()
            .filter_map(|parent| parent.columns.get(&column.name))
            .collect();
        let mut alter =
            |action: &str| statements.push(alter_column(&table.name, &column.name, action));
        if above.iter().all(|parent| parent.default != column.default) {
            match &column.default {
                Some(default) => alter(&format!("SET DEFAULT {default}")),
                None => alter("DROP DEFAULT"),
            }
        }
        if column.not_null.is_some() && above.iter().all(|parent| parent.not_null.is_none()) {
            alter("SET NOT NULL");
        }
        if column.compression.is_some()
            && above
                .iter()
                .all(|parent| parent.compression != column.compression)
        {
            let compression = column.compression.as_deref().unwrap_or("default");
            alter(&format!("SET COMPRESSION {compression}"));
        }
    }
    let settings = table
        .columns
        .iter()
        .flat_map(|column| column_settings(&table.name, column));
    statements.extend(settings);
    statements
}

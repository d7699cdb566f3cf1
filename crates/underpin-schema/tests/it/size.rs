//! A thousand tables of twenty columns.

use crate::support::{difference, read, run_statements};
use std::time::{Duration, Instant};
use underpin_schema::{
    Column, Constraint, ForeignKey, Index, QualifiedName, Schema, Table, create_sql,
};
use underpin_testkit::TestDb;

const TABLES: usize = 1_000;
const COLUMNS: usize = 20;

/// Many times what it takes, for a loaded machine; a query for each table would still be too slow.
const READING: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_thousand_tables_are_read_with_a_few_queries() {
    let schema = large_schema();
    let db = TestDb::empty().await;
    let start = Instant::now();
    let statements = create_sql(&schema);
    let ordered = start.elapsed();
    assert_eq!(run_statements(db.database(), &statements).await, Ok(()));
    let _first = read(db.database()).await;
    let start = Instant::now();
    let found = read(db.database()).await;
    let reading = start.elapsed();
    let start = Instant::now();
    let again = found.create_sql();
    let written = start.elapsed();
    println!(
        "{TABLES} tables: ordered in {ordered:?}, read in {reading:?}, written in {written:?}"
    );
    assert_eq!(again.len(), statements.len());
    assert_eq!(difference(&schema, &found.schema), None);
    assert!(reading < READING, "reading took {reading:?}");
    assert!(written < READING, "writing took {written:?}");
}

/// Each table refers to the next, and the last to the first.
fn large_schema() -> Schema {
    let name = |number: usize| QualifiedName::new("public", format!("table_{}", number % TABLES));
    let tables = (0..TABLES).map(|number| {
        let columns = (2..COLUMNS).map(|column| {
            let data_type = ["text", "integer", "timestamp with time zone"][column % 3];
            let column = Column::new(format!("column_{column}"), data_type);
            if data_type == "integer" {
                column.default("7").not_null()
            } else {
                column
            }
        });
        let table = Table::new(name(number))
            .column(Column::new("id", "bigint").not_null())
            .column(Column::new("next_id", "bigint"))
            .constraint(Constraint::primary_key(
                format!("table_{number}_pkey"),
                ["id"],
            ))
            .constraint(Constraint::foreign_key(
                format!("table_{number}_next_id_fkey"),
                ForeignKey::new(["next_id"], name(number + 1), ["id"]),
            ))
            .index(Index::new(
                format!("table_{number}_next_id_idx"),
                ["next_id"],
            ));
        columns.fold(table, Table::column)
    });
    Schema {
        tables: tables.collect(),
        ..Schema::default()
    }
}

//! Tables and foreign keys as a Mermaid diagram.

use super::whole_tables;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use underpin_schema::{Column, ForeignKey, QualifiedName, Schema, Table};

/// A diagram of more tables tells their keys alone: nobody reads more, and Mermaid draws no more than 50,000 characters.
const TABLES_WITH_COLUMNS_MAX: usize = 40;

/// Mermaid draws no more.
const RELATIONS_MAX: usize = 500;

pub(super) fn write(out: &mut String, schema: &Schema) {
    let ids = ids(schema);
    let keys_only = ids.len() > TABLES_WITH_COLUMNS_MAX;
    out.push_str("```mermaid\nerDiagram\n");
    for table in whole_tables(schema) {
        if let Some(id) = ids.get(&table.name) {
            entity(out, id, table, keys_only);
        }
    }
    let relations = whole_tables(schema).flat_map(|table| {
        let keys = table.constraints.iter();
        keys.filter_map(move |it| Some((table, &it.name, it.as_foreign_key()?)))
    });
    for (table, name, key) in relations.take(RELATIONS_MAX) {
        if let (Some(from), Some(to)) = (ids.get(&table.name), ids.get(&key.table)) {
            let (many, one) = cardinality(table, key);
            let _ = writeln!(out, "    {from} {many}--{one} {to} : {}", quoted(name));
        }
    }
    out.push_str("```\n");
}

/// A word for each table, as Mermaid takes it.
fn ids(schema: &Schema) -> BTreeMap<&QualifiedName, String> {
    let mut taken = BTreeSet::new();
    let mut ids = BTreeMap::new();
    for table in whole_tables(schema) {
        let word = word(&format!("{}_{}", table.name.schema, table.name.name));
        let mut id = word.clone();
        let mut number = 1;
        while !taken.insert(id.clone()) {
            number += 1;
            id = format!("{word}_{number}");
        }
        ids.insert(&table.name, id);
    }
    ids
}

fn entity(out: &mut String, id: &str, table: &Table, keys_only: bool) {
    let name = quoted(&table.name.to_string());
    let _ = writeln!(out, "    {id}[{name}] {{");
    for column in &table.columns {
        let marks = marks(table, &column.name);
        if marks.is_empty() && keys_only {
            continue;
        }
        attribute(out, column, &marks);
    }
    out.push_str("    }\n");
}

fn attribute(out: &mut String, column: &Column, marks: &str) {
    let (data_type, name) = (word(&column.data_type), word(&column.name));
    let _ = write!(out, "        {data_type} {name}");
    if !marks.is_empty() {
        let _ = write!(out, " {marks}");
    }
    if name != column.name {
        let _ = write!(out, " {}", quoted(&column.name));
    }
    out.push('\n');
}

/// `PK`, `FK`, `UK`, as far as they are true of the column.
fn marks(table: &Table, column: &str) -> String {
    let has = |columns: &[String]| columns.iter().any(|it| it == column);
    let mut marks = Vec::new();
    if table.primary_key().is_some_and(|key| has(&key.columns)) {
        marks.push("PK");
    }
    let mut keys = table
        .constraints
        .iter()
        .filter_map(|it| it.as_foreign_key());
    if keys.any(|key| has(&key.columns)) {
        marks.push("FK");
    }
    if marks.is_empty() && is_unique(table, &[column.to_owned()]) {
        marks.push("UK");
    }
    marks.join(", ")
}

/// How many rows may refer, and whether each must.
fn cardinality(table: &Table, key: &ForeignKey) -> (&'static str, &'static str) {
    let many = if is_unique(table, &key.columns) {
        "|o"
    } else {
        "}o"
    };
    let refuses_null = |name: &String| {
        table
            .columns
            .get(name)
            .is_some_and(|it| it.not_null.is_some())
    };
    let one = if key.columns.iter().all(refuses_null) {
        "||"
    } else {
        "o|"
    };
    (many, one)
}

fn is_unique(table: &Table, columns: &[String]) -> bool {
    let wanted: BTreeSet<&String> = columns.iter().collect();
    let mut keys = table.constraints.iter().filter_map(|it| it.as_key());
    keys.any(|key| key.columns.iter().collect::<BTreeSet<_>>() == wanted)
}

/// A word that Mermaid takes for one: letters, digits and `_`, a letter first.
fn word(text: &str) -> String {
    let mut out: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.insert_str(0, "x_");
    }
    out
}

/// A text in quotes. Mermaid knows no escape for a quote in it.
fn quoted(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if c == '"' || c == '`' { '\'' } else { c })
        .collect();
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes_are_what_mermaid_takes() {
        assert_eq!(word("timestamp with time zone"), "timestamp_with_time_zone");
        assert_eq!(word("numeric(10,2)[]"), "numeric_10_2___");
        assert_eq!(word("2fa"), "x_2fa");
        assert_eq!(word("größe"), "gr__e");
        assert_eq!(quoted("a \"b\"\n`c`"), "\"a 'b''c'\"");
    }

    #[test]
    fn names_that_look_alike_have_words_of_their_own() {
        let mut schema = Schema::default();
        for name in ["a b", "a_b"] {
            schema
                .tables
                .insert(Table::new(QualifiedName::new("public", name)));
        }
        let ids: Vec<_> = ids(&schema).into_values().collect();
        assert_eq!(ids, ["public_a_b", "public_a_b_2"]);
    }
}

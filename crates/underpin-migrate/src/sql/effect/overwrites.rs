//! The query for the rows that an UPDATE changes: the same rows, only read.

use super::Overwrites;
use crate::sql::tree::source;
use squawk_syntax::ast::{SetColumn, Update};

/// None for `WHERE CURRENT OF`, and where the text does not tell.
pub(super) fn of(it: &Update) -> Option<Overwrites> {
    let relation = it.relation_name()?;
    let table = source(relation.relation_name_ref())?;
    let alias = it.alias();
    let name = alias.as_ref().and_then(|it| source(it.name()));
    let name = name.unwrap_or_else(|| table.clone());
    let relation = source(Some(relation))?;
    let alias = source(alias).map_or_else(String::new, |it| format!(" {it}"));
    let with = source(it.with_clause()).map_or_else(String::new, |it| format!("{it} "));
    let beside = match source(it.from_clause()) {
        Some(it) => format!(", {}", without_keyword(&it)?),
        None => String::new(),
    };
    let condition = match source(it.where_clause_or_current_of()) {
        Some(it) => {
            let condition = without_keyword(&it)?;
            let first = condition.split_whitespace().next()?;
            if first.eq_ignore_ascii_case("current") {
                return None;
            }
            format!("({condition})")
        }
        None => String::from("true"),
    };
    let sets = it.set_clause()?.set_column_list()?.set_columns();
    let columns = sets.flat_map(|set| match set {
        SetColumn::SetSingleColumn(it) => Vec::from_iter(it.column_target()),
        SetColumn::SetMultipleColumns(it) => {
            let targets = it.column_target_list().into_iter();
            targets.flat_map(|it| it.column_targets()).collect()
        }
    });
    // A row that other tables find several times is changed once.
    let count = format!(
        "{with}SELECT count(DISTINCT ({name}.tableoid, {name}.ctid)) FROM {relation}{alias}{beside} WHERE {condition}"
    );
    Some(Overwrites {
        table,
        columns: columns.filter_map(|it| source(it.name())).collect(),
        count,
        name,
    })
}

/// A clause without the word that it begins with.
fn without_keyword(clause: &str) -> Option<&str> {
    let end = clause.find(|letter: char| !letter.is_alphabetic())?;
    Some(clause[end..].trim())
}

//! The query that counts what a DELETE or an UPDATE changes: the same rows, only read.

use super::Destroys;
use crate::sql::tree::source;
use squawk_syntax::ast::{Delete, OptionalAsAlias, RelationName, SetColumn, Update};

/// None for `WHERE CURRENT OF`.
pub(super) fn deleted(it: &Delete) -> Option<Destroys> {
    let target = Target::of(it.relation_name(), it.alias())?;
    let beside = source(it.using_clause());
    let condition = source(it.where_clause_or_current_of());
    let count = target.count(source(it.with_clause()), beside, condition, None)?;
    let (table, columns) = (target.table, Vec::new());
    Some(Destroys::Rows {
        table,
        columns,
        count,
    })
}

/// None for `WHERE CURRENT OF`.
pub(super) fn updated(it: &Update) -> Option<Destroys> {
    let target = Target::of(it.relation_name(), it.alias())?;
    let beside = source(it.from_clause());
    let condition = source(it.where_clause_or_current_of());
    let sets = it.set_clause()?.set_column_list()?.set_columns();
    let columns = sets.flat_map(|set| match set {
        SetColumn::SetSingleColumn(it) => Vec::from_iter(it.column_target()),
        SetColumn::SetMultipleColumns(it) => {
            let targets = it.column_target_list().into_iter();
            targets.flat_map(|it| it.column_targets()).collect()
        }
    });
    let columns: Vec<String> = columns.filter_map(|it| source(it.name())).collect();
    let has_value = columns
        .iter()
        .map(|it| format!("{}.{it} IS NOT NULL", target.name));
    let has_value = has_value.collect::<Vec<_>>().join(" OR ");
    let count = target.count(source(it.with_clause()), beside, condition, Some(has_value))?;
    let table = target.table;
    Some(Destroys::Rows {
        table,
        columns,
        count,
    })
}

/// The table that is changed.
struct Target {
    table: String,
    /// With `ONLY` and alias, as in FROM.
    relation: String,
    /// What its columns are called by.
    name: String,
}

impl Target {
    fn of(relation: Option<RelationName>, alias: Option<OptionalAsAlias>) -> Option<Self> {
        let relation = relation?;
        let table = source(relation.relation_name_ref())?;
        let name = alias.as_ref().and_then(|it| source(it.name()));
        let relation = source(Some(relation))?;
        let alias = source(alias).map_or_else(String::new, |it| format!(" {it}"));
        Some(Self {
            relation: format!("{relation}{alias}"),
            name: name.unwrap_or_else(|| table.clone()),
            table,
        })
    }

    /// A row that other tables find several times is changed once.
    fn count(
        &self,
        with: Option<String>,
        beside: Option<String>,
        condition: Option<String>,
        has_value: Option<String>,
    ) -> Option<String> {
        let Self { relation, name, .. } = self;
        let with = with.map_or_else(String::new, |it| format!("{it} "));
        let beside = match beside {
            Some(it) => format!(", {}", without_keyword(&it)?),
            None => String::new(),
        };
        let mut conditions = Vec::new();
        if let Some(condition) = condition {
            let condition = without_keyword(&condition)?;
            let first = condition.split_whitespace().next()?;
            if first.eq_ignore_ascii_case("current") {
                return None;
            }
            conditions.push(format!("({condition})"));
        }
        conditions.extend(has_value.map(|it| format!("({it})")));
        let wheres = match conditions.is_empty() {
            true => String::new(),
            false => format!(" WHERE {}", conditions.join(" AND ")),
        };
        Some(format!(
            "{with}SELECT count(DISTINCT ({name}.tableoid, {name}.ctid)) FROM {relation}{beside}{wheres}"
        ))
    }
}

/// A clause without the word that it begins with.
fn without_keyword(clause: &str) -> Option<&str> {
    let end = clause.find(|letter: char| !letter.is_alphabetic())?;
    Some(clause[end..].trim())
}

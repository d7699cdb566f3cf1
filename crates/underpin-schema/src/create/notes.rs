//! Comments and privileges, after the statements that make a thing.

use super::Apart;
use super::thing::Thing;
use crate::facts::*;
use crate::sql;

impl Thing<'_> {
    /// Comments and privileges.
    pub(super) fn notes(&self, apart: &Apart) -> Vec<String> {
        match self {
            Self::Namespace(it) => {
                let name = quote_identifier(&it.name);
                annotated(
                    &format!("SCHEMA {name}"),
                    it.comment.as_deref(),
                    Some(&it.privileges),
                )
            }
            Self::Collation(it) => annotated(
                &format!("COLLATION {}", it.name),
                it.comment.as_deref(),
                None,
            ),
            Self::Enum(it) => annotated(
                &format!("TYPE {}", it.name),
                it.comment.as_deref(),
                Some(&it.privileges),
            ),
            Self::Range(it) => annotated(
                &format!("TYPE {}", it.name),
                it.comment.as_deref(),
                Some(&it.privileges),
            ),
            Self::Domain(it) => {
                let mut all = annotated(
                    &format!("DOMAIN {}", it.name),
                    it.comment.as_deref(),
                    Some(&it.privileges),
                );
                for check in &it.checks {
                    let target = format!(
                        "CONSTRAINT {} ON DOMAIN {}",
                        quote_identifier(&check.name),
                        it.name
                    );
                    all.extend(annotated(&target, check.comment.as_deref(), None));
                }
                all
            }
            Self::Composite(it) => {
                let mut all = annotated(
                    &format!("TYPE {}", it.name),
                    it.comment.as_deref(),
                    Some(&it.privileges),
                );
                for attribute in &it.attributes {
                    let target =
                        format!("COLUMN {}.{}", it.name, quote_identifier(&attribute.name));
                    all.extend(annotated(&target, attribute.comment.as_deref(), None));
                }
                all
            }
            Self::Sequence(it) => annotated(
                &format!("SEQUENCE {}", it.name),
                it.comment.as_deref(),
                Some(&it.privileges),
            ),
            Self::Function(it) => {
                let target = format!("{} {}", it.kind.sql(), called(it));
                let mut all = annotated(&target, it.comment.as_deref(), None);
                // An aggregate is a function to GRANT.
                let target = match it.kind {
                    FunctionKind::Procedure => target,
                    _ => format!("FUNCTION {}", it.signature),
                };
                all.extend(sql::grants(&target, None, &it.privileges));
                all
            }
            Self::Table(it) => {
                let mut all = relation_notes(
                    "TABLE",
                    &it.name,
                    it.comment.as_deref(),
                    &it.privileges,
                    &it.columns,
                );
                let inline = it
                    .constraints
                    .iter()
                    .map(|constraint| Thing::Constraint(it, constraint));
                let inline =
                    inline.filter(|thing| thing.is_inline() && !apart.contains(&thing.object()));
                all.extend(inline.flat_map(|thing| thing.notes(apart)));
                all
            }
            Self::Constraint(table, it) => {
                let target = format!(
                    "CONSTRAINT {} ON {}",
                    quote_identifier(&it.name),
                    table.name
                );
                annotated(&target, it.comment.as_deref(), None)
            }
            Self::View(it) => relation_notes(
                "VIEW",
                &it.name,
                it.comment.as_deref(),
                &it.privileges,
                &it.columns,
            ),
            Self::MaterialisedView(it) => relation_notes(
                "MATERIALIZED VIEW",
                &it.name,
                it.comment.as_deref(),
                &it.privileges,
                &it.columns,
            ),
            Self::Index(table, it) => annotated(
                &format!("INDEX {}", table.sibling(&it.name)),
                it.comment.as_deref(),
                None,
            ),
            Self::Rule(table, it) => part_note("RULE", table, &it.name, it.comment.as_deref()),
            Self::Trigger(table, it) => {
                part_note("TRIGGER", table, &it.name, it.comment.as_deref())
            }
            Self::Policy(table, it) => part_note("POLICY", table, &it.name, it.comment.as_deref()),
            Self::Statistics(it) => annotated(
                &format!("STATISTICS {}", it.name),
                it.comment.as_deref(),
                None,
            ),
            Self::Extension(_)
            | Self::Default(..)
            | Self::Attach(..)
            | Self::AttachIndex(..)
            | Self::TableSettings(_)
            | Self::Ownership(_)
            | Self::DefaultPrivileges(_) => Vec::new(),
        }
    }
}

fn annotated(target: &str, comment: Option<&str>, privileges: Option<&Privileges>) -> Vec<String> {
    let comment = comment.map(|comment| sql::comment_on(target, Some(comment)));
    let grants = privileges.map(|privileges| sql::grants(target, None, privileges));
    comment
        .into_iter()
        .chain(grants.into_iter().flatten())
        .collect()
}

fn relation_notes(
    kind: &str,
    name: &QualifiedName,
    comment: Option<&str>,
    privileges: &Privileges,
    columns: &Columns,
) -> Vec<String> {
    let mut all = annotated(&format!("{kind} {name}"), comment, None);
    all.extend(columns.iter().flat_map(|column| {
        let target = format!("COLUMN {name}.{}", quote_identifier(&column.name));
        annotated(&target, column.comment.as_deref(), None)
    }));
    // A view is a table to GRANT.
    let target = format!("TABLE {name}");
    all.extend(sql::grants(&target, None, privileges));
    let of_columns = columns.iter();
    all.extend(
        of_columns.flat_map(|column| sql::grants(&target, Some(&column.name), &column.privileges)),
    );
    all
}

fn part_note(kind: &str, table: &QualifiedName, name: &str, comment: Option<&str>) -> Vec<String> {
    annotated(
        &format!("{kind} {} ON {table}", quote_identifier(name)),
        comment,
        None,
    )
}

/// How an object is named where an aggregate without parameters has a star.
fn called(function: &Function) -> String {
    let is_star = function.kind == FunctionKind::Aggregate && function.arguments.is_empty();
    if is_star {
        format!("{}(*)", function.signature.name)
    } else {
        function.signature.to_string()
    }
}

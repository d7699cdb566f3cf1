//! Type changes that rewrite nothing, when the old type is known (rule 16).

use super::node_at;
use crate::lint::finding::Finding;
use crate::lint::floor;
use crate::lint::live::Relation;
use crate::lint::script::Script;
use squawk_syntax::ast::{AlterColumn, AlterColumnOption, AstNode, NameLike};

/// Why a type change costs nothing, when it does not.
pub(super) fn why(script: &Script<'_>, finding: &Finding, relation: &Relation) -> Option<String> {
    if *finding.rule != floor::CHANGING_COLUMN_TYPE {
        return None;
    }
    let alter = node_at::<AlterColumn>(script, finding)?;
    let Some(AlterColumnOption::SetType(set)) = alter.option() else {
        return None;
    };
    if set.using_expr().is_some() || set.collate().is_some() {
        return None;
    }
    let column = alter.column_name_ref()?.text();
    let old = relation.column(&column)?.ty.as_str();
    let new = set.ty()?;
    let new = script.source(new.syntax());
    let indexed = relation
        .indexes
        .iter()
        .any(|it| it.columns.contains(&column));
    let free = is_free(&Type::parse(old), &Type::parse(new), indexed);
    free.then(|| format!("From {old} nothing is rewritten."))
}

/// A type's name as `format_type` spells it, and its modifiers.
#[derive(Debug, PartialEq)]
struct Type {
    name: String,
    modifiers: Vec<u32>,
}

impl Type {
    /// `VARCHAR (20)` and `character varying(20)` are the same; so are `timestamptz(3)` and `timestamp(3) with time zone`.
    fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase().replace('"', "");
        let (before, rest) = text.split_once('(').unwrap_or((&text, ""));
        let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
        let words = before.split_whitespace().chain(after.split_whitespace());
        let name = words.collect::<Vec<_>>().join(" ");
        let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
        let name = match name {
            "varchar" => "character varying",
            "decimal" | "dec" => "numeric",
            "timestamptz" => "timestamp with time zone",
            "timestamp" => "timestamp without time zone",
            "timetz" => "time with time zone",
            "time" => "time without time zone",
            "varbit" => "bit varying",
            "int" | "int4" => "integer",
            "int8" => "bigint",
            "int2" => "smallint",
            other => other,
        };
        Self {
            name: String::from(name),
            modifiers: inside
                .split(',')
                .filter_map(|it| it.trim().parse().ok())
                .collect(),
        }
    }
}

fn is_free(old: &Type, new: &Type, indexed: bool) -> bool {
    match (old.name.as_str(), new.name.as_str()) {
        _ if old == new => true,
        ("character varying", "text") => true,
        ("text", "character varying") | ("cidr", "inet") => new.modifiers.is_empty(),
        ("citext", "text") | ("text", "citext") => !indexed,
        ("numeric", "numeric") => is_wider_numeric(&old.modifiers, &new.modifiers),
        (
            "character varying"
            | "bit varying"
            | "interval"
            | "timestamp without time zone"
            | "timestamp with time zone"
            | "time without time zone"
            | "time with time zone",
            same,
        ) if same == old.name => match (&old.modifiers[..], &new.modifiers[..]) {
            (_, []) => true,
            ([old], [new]) => new >= old,
            _ => false,
        },
        _ => false,
    }
}

fn is_wider_numeric(old: &[u32], new: &[u32]) -> bool {
    let scale = |modifiers: &[u32]| modifiers.get(1).copied().unwrap_or_default();
    match (old.first(), new.first()) {
        (_, None) => true,
        (Some(precision), Some(wider)) => wider >= precision && scale(old) == scale(new),
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_changes_are_told_from_rewrites() {
        let check = |old: &str, new: &str, expected| {
            let free = is_free(&Type::parse(old), &Type::parse(new), true);
            assert_eq!(free, expected, "{old} to {new}");
        };
        check("character varying(20)", "varchar(40)", true);
        check("character varying(20)", "VARCHAR", true);
        check("character varying(20)", "text", true);
        check("text", "varchar", true);
        check("text", "varchar(20)", false);
        check("character varying(40)", "varchar(20)", false);
        check("character varying", "varchar(20)", false);
        check("cidr", "inet", true);
        check("inet", "cidr", false);
        check("numeric(10,2)", "decimal(12, 2)", true);
        check("numeric(10,2)", "numeric(12,3)", false);
        check("numeric(10,2)", "numeric", true);
        check("numeric", "numeric(10,2)", false);
        check("timestamp(3) with time zone", "timestamptz", true);
        check("timestamp(3) with time zone", "timestamptz(6)", true);
        check("timestamp(6) with time zone", "timestamptz(3)", false);
        check("timestamp without time zone", "timestamptz", false);
        check("citext", "text", false);
        check("integer", "bigint", false);
        check("integer", "int", true);
    }
}

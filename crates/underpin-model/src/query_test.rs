//! One condition of a query string: an operator and the text of a value, by the kind of the column.

use crate::filter::{Node, Test};
use crate::sql_value::split_list;
use crate::{Kind, SharedValue, SqlValue, ValueType, escape_like};
use std::sync::Arc;

/// The most values in one `in`.
const VALUES_MAX: usize = 1_000;

/// An operator as clients write it, and what it becomes.
#[derive(Clone, Copy)]
struct Operator {
    name: &'static str,
    applies: fn(Kind) -> bool,
    operand: Operand,
    template: &'static str,
    /// What it becomes where the column may be NULL, if that differs.
    nullable: Option<&'static str>,
}

/// What its value is.
#[derive(Clone, Copy)]
enum Operand {
    One,
    Many,
    /// A part of a document, which need not be a whole value of the column.
    Json,
    /// A LIKE pattern around the text.
    Pattern(&'static str, &'static str),
    /// `true` or `false`: the template, or its opposite.
    Flag,
}

const fn operator(
    name: &'static str,
    applies: fn(Kind) -> bool,
    operand: Operand,
    template: &'static str,
) -> Operator {
    Operator {
        name,
        applies,
        operand,
        template,
        nullable: None,
    }
}

const fn when_nullable(operator: Operator, template: &'static str) -> Operator {
    Operator {
        nullable: Some(template),
        ..operator
    }
}

const OPERATORS: &[Operator] = &[
    operator("eq", is_comparable, Operand::One, "{c} = {v}"),
    when_nullable(
        operator("ne", is_comparable, Operand::One, "{c} <> {v}"),
        "{c} IS DISTINCT FROM {v}",
    ),
    operator("lt", is_sized, Operand::One, "{c} < {v}"),
    operator("lte", is_sized, Operand::One, "{c} <= {v}"),
    operator("gt", is_sized, Operand::One, "{c} > {v}"),
    operator("gte", is_sized, Operand::One, "{c} >= {v}"),
    operator("in", Kind::is_ordered, Operand::Many, "{c} = ANY({v})"),
    when_nullable(
        operator("not_in", Kind::is_ordered, Operand::Many, "{c} <> ALL({v})"),
        "({c} <> ALL({v}) OR {c} IS NULL)",
    ),
    operator(
        "contains",
        is_text,
        Operand::Pattern("%", "%"),
        "{c} ILIKE {v}",
    ),
    operator(
        "starts_with",
        is_text,
        Operand::Pattern("", "%"),
        "{c} LIKE {v}",
    ),
    operator("contains", is_list, Operand::One, "{c} @> {v}"),
    operator("contains", is_json, Operand::Json, "{c} @> {v}"),
    operator("any", is_list, Operand::One, "{c} && {v}"),
    operator("null", |_| true, Operand::Flag, "{c} IS NULL"),
];

/// The condition, or what is wrong with it.
pub(crate) fn test(
    column: &'static str,
    values: ValueType,
    operator: Option<&str>,
    text: &str,
) -> Result<Node, String> {
    let is_container = is_list(values.kind) || is_json(values.kind);
    let name = operator.unwrap_or(if is_container { "contains" } else { "eq" });
    let applies = |operator: &&Operator| {
        (operator.applies)(values.kind)
            && (values.nullable || !matches!(operator.operand, Operand::Flag))
    };
    let Some(operator) = OPERATORS
        .iter()
        .filter(applies)
        .find(|operator| operator.name == name)
    else {
        let names: Vec<&str> = OPERATORS
            .iter()
            .filter(applies)
            .map(|operator| operator.name)
            .collect();
        return Err(format!(
            "does not have that operator; it has {}",
            names.join(", ")
        ));
    };
    let template = operator
        .nullable
        .filter(|_| values.nullable)
        .unwrap_or(operator.template);
    let wrong = || format!("must be {}", values.kind);
    let value: SharedValue = match operator.operand {
        Operand::One => (values.parse)(text).ok_or_else(wrong)?,
        Operand::Many => {
            let items = split_list(text);
            if items.len() > VALUES_MAX {
                return Err(format!("has at most {VALUES_MAX} values"));
            }
            (values.parse_all)(&items)
                .ok_or_else(|| format!("must be a list of values, each {}", values.kind))?
        }
        Operand::Json => Arc::new(serde_json::Value::parse(text).ok_or_else(wrong)?),
        Operand::Pattern(before, after) => {
            (values.parse)(text).ok_or_else(wrong)?;
            Arc::new(format!("{before}{}{after}", escape_like(text)))
        }
        Operand::Flag => {
            let test = Node::Test(Test::new(column, template, []));
            return match text {
                "true" => Ok(test),
                "false" => Ok(Node::Not(Box::new(test))),
                _ => Err(String::from("must be true or false after [null]")),
            };
        }
    };
    Ok(Node::Test(
        Test::new(column, template, [value]).nullable(values.nullable),
    ))
}

fn is_comparable(kind: Kind) -> bool {
    kind.is_ordered() || is_list(kind)
}

/// Ordered, and not only two values.
fn is_sized(kind: Kind) -> bool {
    kind.is_ordered() && kind != Kind::Boolean
}

fn is_text(kind: Kind) -> bool {
    kind == Kind::Text
}

fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::List(_))
}

fn is_json(kind: Kind) -> bool {
    kind == Kind::Json
}

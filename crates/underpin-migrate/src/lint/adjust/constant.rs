//! Is a default the same for every row?

use squawk_syntax::ast::{AstNode, CallExpr, Expr, NameRef};
use squawk_syntax::{SyntaxKind, SyntaxNode};

/// Since this version a constant default is kept in the catalog.
pub(super) const FREE_SINCE: u16 = 11;

/// Functions that stand still within a statement, or depend on their arguments alone: those that defaults are made of.
const STILL: &[&str] = &[
    "abs",
    "array_fill",
    "btrim",
    "ceil",
    "coalesce",
    "concat",
    "concat_ws",
    "current_setting",
    "date_part",
    "date_trunc",
    "daterange",
    "decode",
    "encode",
    "floor",
    "format",
    "greatest",
    "int4range",
    "int8range",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "least",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "make_interval",
    "make_time",
    "make_timestamp",
    "make_timestamptz",
    "md5",
    "nullif",
    "numrange",
    "point",
    "repeat",
    "replace",
    "right",
    "round",
    "rpad",
    "rtrim",
    "substr",
    "timezone",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "to_tsvector",
    "tsrange",
    "tstzrange",
    "upper",
];

/// The same without arguments.
const STILL_ALONE: &[&str] = &[
    "current_database",
    "current_schema",
    "now",
    "statement_timestamp",
    "transaction_timestamp",
];

/// Literals, what stands still within a statement, and whatever is made of these.
pub(in crate::lint) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::NameRef(it) => is_still_word(it),
        // A column, which no default may name.
        Expr::FieldExpr(_) => false,
        Expr::CallExpr(it) => is_still(it),
        it => operands(it.syntax()).iter().all(is_constant),
    }
}

/// The expressions that a node is made of.
pub(in crate::lint) fn operands(node: &SyntaxNode) -> Vec<Expr> {
    let parts = node
        .children()
        .map(|child| match Expr::cast(child.clone()) {
            Some(expr) => vec![expr],
            None => operands(&child),
        });
    parts.flatten().collect()
}

fn is_still(call: &CallExpr) -> bool {
    let arguments = |node: SyntaxNode| operands(&node).iter().all(is_constant);
    let Some(callee) = call.expr() else {
        // `extract(… from …)` and its like: functions with a grammar of their own, none of them volatile.
        return arguments(call.syntax().clone());
    };
    let Some(list) = call.arg_list() else {
        return false;
    };
    let name = match &callee {
        Expr::NameRef(it) if is_still_word(it) => return true,
        Expr::NameRef(it) => it.text(),
        it => {
            let text = it.syntax().text().to_string().to_ascii_lowercase();
            let Some(name) = text.strip_prefix("pg_catalog.") else {
                return false;
            };
            String::from(name)
        }
    };
    match list.args().next() {
        None => STILL_ALONE.contains(&name.as_str()),
        Some(_) => STILL.contains(&name.as_str()) && arguments(list.syntax().clone()),
    }
}

/// `CURRENT_DATE` and its like.
fn is_still_word(name: &NameRef) -> bool {
    name.syntax().first_token().is_some_and(|it| {
        matches!(
            it.kind(),
            SyntaxKind::CURRENT_CATALOG_KW
                | SyntaxKind::CURRENT_DATE_KW
                | SyntaxKind::CURRENT_ROLE_KW
                | SyntaxKind::CURRENT_SCHEMA_KW
                | SyntaxKind::CURRENT_TIME_KW
                | SyntaxKind::CURRENT_TIMESTAMP_KW
                | SyntaxKind::CURRENT_USER_KW
                | SyntaxKind::LOCALTIME_KW
                | SyntaxKind::LOCALTIMESTAMP_KW
                | SyntaxKind::SESSION_USER_KW
                | SyntaxKind::USER_KW
        )
    })
}

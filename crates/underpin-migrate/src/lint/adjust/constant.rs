//! Is a default the same for every row?

use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{AstNode, Expr};

/// Since this version a constant default is kept in the catalog.
pub(super) const FREE_SINCE: u16 = 11;

/// Literals, signs, parentheses, casts, and what stands still within a statement.
pub(super) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(_) => true,
        Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        Expr::PrefixExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        Expr::CastExpr(it) => it
            .expr()
            .map_or(it.literal().is_some(), |it| is_constant(&it)),
        Expr::BinExpr(it) => [it.lhs(), it.rhs()].iter().flatten().all(is_constant),
        Expr::NameRef(it) => it.syntax().first_token().is_some_and(|it| {
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
        }),
        _ => false,
    }
}

//! Servers whose concurrent builds lose rows (rule 8).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level, PgVersion};
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "concurrent-index-corruption",
    numbers: &[8],
    level: Level::Error,
    title: "PostgreSQL 14.0 to 14.3 may build broken indexes concurrently",
    why: "CREATE INDEX and REINDEX CONCURRENTLY may leave out rows that are updated meanwhile. Update to 14.4 or \
          later. Checked when `--pg-version` or the database says the minor version.",
    bad: "CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id); -- on PostgreSQL 14.2",
    good: "CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id); -- on PostgreSQL 14.4",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let version = script.settings.pg_version();
    if !matches!(
        version,
        PgVersion {
            major: 14,
            minor: Some(0..=3)
        }
    ) {
        return;
    }
    for it in &script.statements {
        if !matches!(it.stmt, Stmt::CreateIndex(_) | Stmt::Reindex(_)) {
            continue;
        }
        let mut tokens = it.stmt.syntax().descendants_with_tokens();
        if tokens.any(|it| it.kind() == SyntaxKind::CONCURRENTLY_KW) {
            let message = format!("PostgreSQL {version} may leave rows out of this index.");
            findings.push(
                script
                    .at(&RULE, it.stmt.syntax(), &message)
                    .help("Update the server to 14.4 or later first."),
            );
        }
    }
}

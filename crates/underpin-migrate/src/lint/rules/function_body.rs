//! Function bodies that PostgreSQL does not look into (rule 44).

use crate::lint::Finding;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "untracked-function-body",
    numbers: &[44],
    title: "What a body in quotes uses is no dependency",
    why: "PostgreSQL drops or changes a table under such a function without a word, and the function fails when it \
          runs. Bodies in the SQL standard's form are tracked; for PL/pgSQL, call the function after the change.",
    bad: "CREATE FUNCTION app.total(o bigint) RETURNS numeric LANGUAGE sql\n\
          AS 'SELECT sum(price) FROM app.items WHERE order_id = o';",
    good: "CREATE FUNCTION app.total(o bigint) RETURNS numeric LANGUAGE sql\n\
           BEGIN ATOMIC SELECT sum(price) FROM app.items WHERE order_id = o; END;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        if !matches!(it.stmt, Stmt::CreateFunction(_) | Stmt::CreateProcedure(_)) {
            continue;
        }
        let mut nodes = it.stmt.syntax().descendants();
        let body = nodes.find(|it| it.kind() == SyntaxKind::AS_DEFINITION);
        if let Some(body) = body {
            let message =
                "PostgreSQL does not know what this body uses, and lint does not look into it.";
            findings.push(script.at(&RULE, &body, message));
        }
    }
}

//! json instead of jsonb (rule 21).

use crate::lint::finding::Edit;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, range};
use crate::lint::{Finding, Fix, Level};
use squawk_syntax::ast::{AddColumn, AstNode, Column, Type};

pub(super) static RULE: Rule = Rule {
    name: "prefer-jsonb",
    numbers: &[21],
    level: Level::Warning,
    title: "json has no equality: DISTINCT, GROUP BY and UNION over it fail",
    why: "It also is parsed anew at every access and has no index. json only keeps the text as it was written; where \
          that matters, say so with an allow.",
    bad: "CREATE TABLE app.orders (details json);",
    good: "CREATE TABLE app.orders (details jsonb);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        for node in it.stmt.syntax().descendants() {
            let added = || AddColumn::cast(node.clone()).and_then(|it| it.ty());
            let ty = Column::cast(node.clone())
                .and_then(|it| it.ty())
                .or_else(added);
            let Some(Type::PathType(ty)) = ty else {
                continue;
            };
            let name = ty.path_ref().and_then(|it| it.segment());
            let Some(name) = name.filter(|it| it.text() == "json") else {
                continue;
            };
            let mut finding = script.at(
                &RULE,
                ty.syntax(),
                "json cannot be compared, grouped or indexed.",
            );
            finding.fix = Some(Fix {
                title: String::from("Replace with `jsonb`"),
                exact: false,
                edits: vec![Edit::replace(range(name.syntax()), "jsonb")],
            });
            findings.push(finding);
        }
    }
}

//! Values of enum types: used too early, renamed, removed (rules 33 to 35).

use crate::lint::fresh::What;
use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{
    AlterColumnOption, AlterTableAction, AlterTypeAction, AstNode, CreateTypeKind, Literal,
    RelationNameRef, Stmt, Type,
};

pub(super) static USED: Rule = Rule {
    name: "enum-value-used-at-once",
    numbers: &[33],
    level: Level::Error,
    title: "A new enum value cannot be used in the transaction that adds it",
    lock: "None: the server refuses with error 55P04.",
    why: "The value is safe to use only when its addition is committed. Outside BEGIN and COMMIT Underpin's runner \
          keeps the two apart by itself.",
    bad: "BEGIN;\n\
          ALTER TYPE app.state ADD VALUE 'packed' BEFORE 'sent';\n\
          UPDATE app.orders SET state = 'packed' WHERE id = 1;\n\
          COMMIT;",
    good: "ALTER TYPE app.state ADD VALUE 'packed' BEFORE 'sent';\n\
           UPDATE app.orders SET state = 'packed' WHERE id = 1;",
    check: Check::Ours(used),
    ..Rule::USUAL
};

pub(super) static RENAMED: Rule = Rule {
    name: "renaming-enum-value",
    numbers: &[34],
    level: Level::Error,
    spares_new: true,
    title: "A renamed enum value is unknown to programs that are running",
    why: "They compare with the old name, which is an error now, and read the new one, which they do not know. Add the \
          new value, deploy code that handles both, and move the rows in batches.",
    bad: "ALTER TYPE app.state RENAME VALUE 'sent' TO 'shipped';",
    good: "ALTER TYPE app.state ADD VALUE 'shipped' AFTER 'sent';",
    check: Check::Ours(renamed),
    ..Rule::USUAL
};

pub(super) static REMOVED: Rule = Rule {
    name: "removing-enum-value",
    numbers: &[35],
    level: Level::Error,
    title: "An enum value cannot be removed in place",
    lock: "The column's new type: ACCESS EXCLUSIVE on the table while it is rewritten.",
    why: "Rows of `pg_enum` deleted by hand leave broken indexes behind. A column cast to a type with fewer values fails \
          at the first row that holds a removed one: move those rows first, and count them.",
    bad: "CREATE TYPE app.state_new AS ENUM ('open', 'sent');\n\
          ALTER TABLE app.orders ALTER COLUMN state TYPE app.state_new USING state::text::app.state_new;",
    good: "CREATE TYPE app.state_new AS ENUM ('open', 'sent');\n\
           ALTER TABLE app.orders ADD COLUMN state_new app.state_new;",
    check: Check::Ours(removed),
    ..Rule::USUAL
};

/// Since this version a value may be used at once when its type is as new.
const NEW_TYPE_SINCE: u16 = 17;

fn used(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut added: Vec<String> = Vec::new();
    let spares_new = script.settings.pg_version().major >= NEW_TYPE_SINCE;
    for it in &script.statements {
        if !it.in_transaction {
            added.clear();
            continue;
        }
        let at = it.range.0;
        if let Stmt::AlterType(alter) = &it.stmt {
            let ty = alter
                .type_name_ref()
                .and_then(|it| Name::of_ref(&it.path_ref()?));
            let new = ty.is_some_and(|it| script.has_made(&What::Type(it), at));
            if let Some(AlterTypeAction::AddValue(add)) = alter.action()
                && !(spares_new && new)
            {
                added.extend(add.literal().map(|it| it.syntax().text().to_string()));
            }
            continue;
        }
        let mut literals = it.stmt.syntax().descendants().filter_map(Literal::cast);
        let used = literals.find(|it| added.contains(&it.syntax().text().to_string()));
        if let Some(literal) = used {
            let message = "This value was added in the same transaction and cannot be used in it.";
            findings.push(
                script
                    .at(&USED, literal.syntax(), message)
                    .help("Commit the new value first: give its use a migration of its own."),
            );
        }
    }
}

fn renamed(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let Stmt::AlterType(alter) = &it.stmt else {
            continue;
        };
        if let Some(AlterTypeAction::RenameValue(it)) = alter.action() {
            findings.push(
                script
                    .at(&RENAMED, it.syntax(), "Running programs know the old name only.")
                    .help("Add the new value, handle both, move the rows, then stop using the old one."),
            );
        }
    }
}

fn removed(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut enums: Vec<Name> = Vec::new();
    for it in &script.statements {
        match &it.stmt {
            Stmt::CreateType(create) => {
                if let Some(CreateTypeKind::EnumType(_)) = create.kind() {
                    let name = create.type_name().and_then(|it| Name::of_new(&it.path()?));
                    enums.extend(name);
                }
            }
            Stmt::Delete(_) | Stmt::Update(_) => {
                let mut tables = it
                    .stmt
                    .syntax()
                    .descendants()
                    .filter_map(RelationNameRef::cast);
                let catalog = tables.find_map(|it| Name::of_ref(&it.path_ref()?));
                if catalog.is_some_and(|it| it.name == "pg_enum") {
                    let message = "Rows of pg_enum are not to be changed by hand: indexes may still hold the value.";
                    findings.push(script.at(&REMOVED, it.stmt.syntax(), message));
                }
            }
            Stmt::AlterTable(alter) => {
                for action in alter.actions().filter(|it| is_cast_to(it, &enums)) {
                    let message =
                        "Rows that hold a value the new type does not have make this fail.";
                    findings.push(script.at(&REMOVED, action.syntax(), message).help(
                        "Count and move those rows first; add a column of the new type and swap.",
                    ));
                }
            }
            _ => {}
        }
    }
}

fn is_cast_to(action: &AlterTableAction, enums: &[Name]) -> bool {
    let AlterTableAction::AlterColumn(alter) = action else {
        return false;
    };
    let Some(AlterColumnOption::SetType(set)) = alter.option() else {
        return false;
    };
    let Some(Type::PathType(ty)) = set.ty() else {
        return false;
    };
    let name = ty.path_ref().and_then(|it| Name::of_ref(&it));
    name.is_some_and(|name| enums.iter().any(|it| it.is(&name)))
}

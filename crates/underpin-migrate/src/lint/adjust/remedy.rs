//! Fixes that keep the meaning: of squawk's those that do, and the safe forms that need several statements.

use super::node_at;
use crate::lint::finding::{Edit, Finding};
use crate::lint::floor;
use crate::lint::name::Name;
use crate::lint::rule::Rule;
use crate::lint::script::{Script, Statement, altered, range};
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{
    AddConstraint, AlterColumn, AlterTable, AstNode, Constraint, NameLike, Stmt, UniqueConstraint,
};
use squawk_syntax::quote::quote_ident;

/// Since this version a valid CHECK spares SET NOT NULL the scan.
const NOT_NULL_BY_CHECK_SINCE: u16 = 12;

/// Since this version foreign keys of partitioned tables may be NOT VALID.
const PARTITIONED_NOT_VALID_SINCE: u16 = 18;

/// Longest name that PostgreSQL does not cut off.
const NAME_BYTES_MAX: usize = 63;

/// Rules whose remedy is CONCURRENTLY, and the version that has it.
static CONCURRENTLY: [(&Rule, u16); 4] = [
    (&floor::REQUIRE_CONCURRENT_INDEX_CREATION, 9),
    (&floor::REQUIRE_CONCURRENT_INDEX_DELETION, 9),
    (&floor::REQUIRE_CONCURRENT_REINDEX, 12),
    (&floor::REQUIRE_CONCURRENT_PARTITION_DETACH, 14),
];

static VALIDATED: [&Rule; 2] = [
    &floor::ADDING_FOREIGN_KEY_CONSTRAINT,
    &floor::CONSTRAINT_MISSING_NOT_VALID,
];

pub(super) fn attach(script: &Script<'_>, finding: &mut Finding) {
    let Some(statement) = script.statement_at(finding.range.0) else {
        return;
    };
    // Several transactions are the point of all these forms: inside one they would fail or help nothing.
    if statement.in_transaction {
        return;
    }
    if let Some((_, since)) = CONCURRENTLY.iter().find(|(it, _)| *it == finding.rule) {
        if script.settings.pg_version().major < *since {
            finding.fix = None;
            finding.help = Some(format!(
                "There is no concurrent form before PostgreSQL {since}: choose a window."
            ));
        } else if let Some(fix) = finding.fix.as_mut() {
            fix.exact = may_be_concurrent(script, statement);
        }
        return;
    }
    let fixed = match &statement.stmt {
        Stmt::AlterTable(alter) if alter.actions().count() == 1 => {
            safe_form(script, finding, alter)
        }
        _ => None,
    };
    if let Some((title, edit)) = fixed {
        *finding = finding.clone().exactly(title, vec![edit]);
    }
}

/// PostgreSQL drops one index at a time concurrently, without CASCADE, and builds none on a partitioned table.
fn may_be_concurrent(script: &Script<'_>, statement: &Statement) -> bool {
    match &statement.stmt {
        Stmt::DropIndex(drop) => drop.drop_behavior().is_none() && drop.index_refs().count() == 1,
        Stmt::CreateIndex(create) => {
            let table = create.table_relation_name();
            let only = table.as_ref().is_some_and(|it| it.only_token().is_some());
            let name = table.and_then(|it| Name::of_ref(&it.table_name_ref()?.path_ref()?));
            let unfit = |name: Name| {
                script.is_partitioned(&name) || script.is_new(&name, statement.range.0)
            };
            !only && !name.is_some_and(unfit)
        }
        _ => true,
    }
}

type Fixed = Option<(&'static str, Edit)>;

fn safe_form(script: &Script<'_>, finding: &Finding, alter: &AlterTable) -> Fixed {
    if VALIDATED.contains(&finding.rule) {
        let add = alter.syntax().descendants().find_map(AddConstraint::cast)?;
        not_valid(script, alter, &add)
    } else if *finding.rule == floor::DISALLOWED_UNIQUE_CONSTRAINT {
        using_index(script, alter, &node_at(script, finding)?)
    } else if *finding.rule == floor::ADDING_NOT_NULLABLE_FIELD {
        by_check(script, alter, &node_at(script, finding)?)
    } else {
        None
    }
}

/// `ADD CONSTRAINT … NOT VALID; ALTER TABLE … VALIDATE CONSTRAINT …`
fn not_valid(script: &Script<'_>, alter: &AlterTable, add: &AddConstraint) -> Fixed {
    let constraint = add.constraint()?;
    let can = matches!(
        constraint,
        Constraint::CheckConstraint(_) | Constraint::ForeignKeyConstraint(_)
    );
    if !can || constraint.is_not_valid() {
        return None;
    }
    // A foreign key of a partitioned table has had a NOT VALID form since PostgreSQL 18 only.
    let is_key = matches!(constraint, Constraint::ForeignKeyConstraint(_));
    let old = script.settings.pg_version().major < PARTITIONED_NOT_VALID_SINCE;
    if is_key && old && script.is_partitioned(&altered(alter)?) {
        return None;
    }
    let name = quote_ident(&constraint.constraint_name()?.text());
    let (_, end) = range(alter.syntax());
    let head = head(script, alter)?;
    let text = format!(" NOT VALID;\n{head} VALIDATE CONSTRAINT {name}");
    Some((
        "Add the constraint NOT VALID, then validate it",
        Edit::insert(end, text),
    ))
}

/// `CREATE UNIQUE INDEX CONCURRENTLY …; ALTER TABLE … ADD CONSTRAINT … UNIQUE USING INDEX …`
fn using_index(script: &Script<'_>, alter: &AlterTable, unique: &UniqueConstraint) -> Fixed {
    let table = altered(alter)?;
    // A partitioned table has neither form, and CREATE INDEX has no IF EXISTS for its table.
    if script.is_partitioned(&table) || alter.if_exists().is_some() {
        return None;
    }
    let words = script.source(unique.syntax()).to_ascii_lowercase();
    let special = [
        "nulls",
        "include",
        "without",
        "using",
        "deferrable",
        "initially",
        "with",
    ];
    if words
        .split(|it: char| !it.is_ascii_alphanumeric())
        .any(|it| special.contains(&it))
    {
        return None;
    }
    let name = quote_ident(&unique.constraint_name_clause()?.constraint_name()?.text());
    let mut lists = unique.syntax().children();
    let list = lists.find(|it| {
        it.first_token()
            .is_some_and(|it| it.kind() == SyntaxKind::L_PAREN)
    })?;
    let columns = script.source(&list);
    let head = head(script, alter)?;
    let text = format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {columns};\n\
         {head} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}"
    );
    let edit = Edit::replace(range(alter.syntax()), text);
    Some((
        "Build the index concurrently, then make it the constraint",
        edit,
    ))
}

/// A validated CHECK before `SET NOT NULL`, dropped afterwards.
fn by_check(script: &Script<'_>, alter: &AlterTable, column: &AlterColumn) -> Fixed {
    if script.settings.pg_version().major < NOT_NULL_BY_CHECK_SINCE {
        return None;
    }
    let column = column.column_name_ref()?.text();
    // Not `…_not_null`: PostgreSQL 18 gives that name to the constraint that SET NOT NULL makes.
    let check = format!("{}_{column}_is_set", altered(alter)?.name);
    // A name that is cut off would not be found again.
    if check.len() > NAME_BYTES_MAX {
        return None;
    }
    let (column, check) = (quote_ident(&column), quote_ident(&check));
    let whole = range(alter.syntax());
    let set = &script.text[whole.0..whole.1];
    let head = head(script, alter)?;
    let text = format!(
        "{head} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;\n\
         {head} VALIDATE CONSTRAINT {check};\n\
         {set};\n\
         {head} DROP CONSTRAINT {check}"
    );
    Some((
        "Set NOT NULL by way of a validated CHECK",
        Edit::replace(whole, text),
    ))
}

/// `ALTER TABLE app.orders`, as it is written, up to the first action.
fn head<'a>(script: &Script<'a>, alter: &AlterTable) -> Option<&'a str> {
    let (start, _) = range(alter.syntax());
    let (action, _) = range(alter.actions().next()?.syntax());
    Some(script.text[start..action].trim_end())
}

//! What is written into a squashed file.

use super::replaced;
use crate::Error;
use crate::files::{Allow, Direction, Migration, Script, Version, no_way_back};
use crate::sql::Statement;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use underpin_schema::{Catalog, Unmodelled, diff};

/// Words of what belongs to a whole server, or to another one: no catalog of a schema tells it.
const ELSEWHERE: [&str; 11] = [
    "DATABASE",
    "GROUP",
    "LARGE",
    "OWNED",
    "PARAMETER",
    "ROLE",
    "SERVER",
    "SUBSCRIPTION",
    "SYSTEM",
    "TABLESPACE",
    "USER",
];

/// Does everything that the migrations do show in the catalog?
pub(super) fn is_schema_only(range: &[Arc<Migration>], goal: &Catalog) -> Result<bool, Error> {
    if goal.schema.unmodelled.iter().any(Unmodelled::is_told) {
        return Ok(false);
    }
    for migration in range {
        if !migration.up.statements()?.iter().all(shows_in_the_catalog) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn shows_in_the_catalog(statement: &Statement) -> bool {
    let Some(kind) = statement.kind() else {
        return false;
    };
    let text = statement.text().to_uppercase();
    let beginning: Vec<&str> = text.split_whitespace().take(3).collect();
    let is_elsewhere = beginning.iter().any(|it| ELSEWHERE.contains(it));
    let known = match kind.split(' ').next() {
        Some("CREATE") => kind != "CREATE TABLE AS",
        // Where a sequence begins anew is a value, not a definition.
        Some("ALTER") => !text.contains("RESTART"),
        Some("GRANT" | "REVOKE") => {
            let mut words = text.split_whitespace().skip_while(|it| *it != "ON");
            let on = words.nth(1);
            on.is_some_and(|it| !ELSEWHERE.contains(&it))
        }
        Some("DROP" | "COMMENT" | "SET") => true,
        _ => false,
    };
    known && !is_elsewhere
}

/// Everything anew, from what the migrations make; and the way back.
pub(super) fn rewritten(start: &Catalog, goal: &Catalog) -> (String, String) {
    let up = goal.create_sql().into_iter().map(|it| it.sql).collect();
    let down = diff(goal, start).into_iter().flat_map(|it| it.statements);
    (script(up), script(down.collect()))
}

fn script(statements: Vec<String>) -> String {
    let mut text = String::new();
    for statement in statements {
        let _ = write!(text, "\n{statement};\n");
    }
    match text.is_empty() {
        true => String::from("-- nothing is left to do\n"),
        false => text,
    }
}

/// The files as they are, and the ways back in the other order when all have one.
pub(super) fn one_after_the_other(
    range: &[Arc<Migration>],
) -> Result<(String, Option<String>), Error> {
    let up = joined(range.iter().map(|it| &it.up))?;
    let downs: Result<Vec<&Script>, Error> = range
        .iter()
        .rev()
        .map(|it| it.script(Direction::Down).ok_or_else(|| no_way_back(it)))
        .collect();
    Ok((up, downs.ok().map(|it| joined(it.into_iter())).transpose()?))
}

fn joined<'a>(scripts: impl Iterator<Item = &'a Script>) -> Result<String, Error> {
    let mut text = String::new();
    for script in scripts {
        let name = script.file().rsplit('/').next().unwrap_or_default();
        let _ = write!(text, "\n-- {name}\n{}\n", body(script)?);
    }
    Ok(text)
}

/// The text without the options at its top, which the squashed file has of its own.
fn body(script: &Script) -> Result<String, Error> {
    let first = script
        .statements()?
        .first()
        .map_or(u32::MAX, Statement::line);
    let is_option = |line: &str| {
        let comment = line.trim_start().strip_prefix("--").map(str::trim_start);
        comment.is_some_and(|it| it.starts_with("underpin:") || it.starts_with("no-transaction"))
    };
    let lines = script.text().lines().zip(1_u32..);
    let lines = lines.filter(|(line, number)| *number >= first || !is_option(line));
    let mut text: String = lines.map(|(line, _)| format!("{line}\n")).collect();
    // The last statement of a file needs no semicolon there.
    let ends = text.trim_end().ends_with(';');
    if !ends && first != u32::MAX {
        text.push_str(";\n");
    }
    Ok(text.trim().to_owned())
}

/// The options: what it replaces, and what the files allow and need as far as they are taken over.
pub(super) fn header(range: &[Arc<Migration>], rewritten: bool) -> String {
    let versions: Vec<_> = replaced(range).iter().map(Version::to_string).collect();
    let mut text = format!("-- underpin: replaces={}\n", versions.join(","));
    if rewritten {
        return text;
    }
    let headers: Vec<_> = range.iter().map(|it| it.up.header()).collect();
    let mut allows: Vec<&Allow> = headers.iter().flat_map(|it| &it.allows).collect();
    allows.dedup();
    for Allow { rule, reason } in allows {
        let reason = reason.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(text, "-- underpin: allow={rule} reason=\"{reason}\"");
    }
    let mut timeout = |key: &str, longest: Option<Duration>| {
        if let Some(longest) = longest {
            let _ = writeln!(text, "-- underpin: {key}={}ms", longest.as_millis());
        }
    };
    timeout(
        "lock_timeout",
        headers.iter().filter_map(|it| it.lock_timeout).max(),
    );
    let longest = headers.iter().filter_map(|it| it.statement_timeout).max();
    timeout("statement_timeout", longest);
    text
}

/// The files of a range.
pub(super) fn files(range: &[Arc<Migration>]) -> Vec<PathBuf> {
    let both = |it: &Arc<Migration>| {
        let scripts = [Some(&it.up), it.down.as_ref()].map(|it| it.map(Script::file));
        scripts
            .into_iter()
            .flatten()
            .map(PathBuf::from)
            .collect::<Vec<_>>()
    };
    range.iter().flat_map(both).collect()
}

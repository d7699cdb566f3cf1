//! Alembic: Python files that name what they follow; the table holds the newest of each branch and nothing else.
//!
//! Python is not run here. Where the program `alembic` is at hand, it prints the SQL of its migrations; else what was
//! applied becomes one baseline.

use super::Format;
use crate::Error;
use crate::adopt::history::Row;
use crate::adopt::project::{self, Change, Project};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// How long `alembic` may take to print SQL.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far above the folder of the migrations `alembic.ini` is looked for.
const PARENTS_MAX: usize = 8;

pub(in crate::adopt) struct Alembic;

impl Format for Alembic {
    fn table(&self) -> &'static str {
        "alembic_version"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["version_num"]
    }

    fn history(&self) -> &'static str {
        "SELECT version_num::text AS key, NULL::text AS checksum, NULL::timestamptz AS applied_at, false AS failed, \
         NULL::text AS kind FROM {table} ORDER BY version_num"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["alembic/versions", "migrations/versions", "versions"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut changes = Vec::new();
        for found in project::files(folder, true)? {
            let Some(stem) = found.base_name().strip_suffix(".py") else {
                continue;
            };
            let text = found.read()?;
            let Some(key) = assigned(&text, "revision").and_then(|mut it| it.pop()) else {
                continue;
            };
            let mut parents = assigned(&text, "down_revision").unwrap_or_default();
            parents.extend(assigned(&text, "depends_on").unwrap_or_default());
            let words = stem.strip_prefix(key.as_str()).unwrap_or(stem);
            changes.push(Change {
                base: created(&text),
                slug: project::slug_of(words),
                name: found.name.clone(),
                file: found.path,
                parents,
                key,
                ..Change::default()
            });
        }
        Ok(Project {
            changes: in_order(changes)?,
            notes: Vec::new(),
        })
    }

    fn applied(&self, rows: Vec<Row>, project: &mut Project) -> Result<Vec<Row>, Error> {
        let mut applied: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = rows.into_iter().map(|row| row.key).collect();
        while let Some(key) = open.pop() {
            if let Some(change) = project.get(&key) {
                open.extend(
                    change
                        .parents
                        .iter()
                        .filter(|it| !applied.contains(*it))
                        .cloned(),
                );
            }
            applied.insert(key);
        }
        let row = |key| Row {
            key,
            ..Row::default()
        };
        Ok(applied.into_iter().map(row).collect())
    }

    fn mend(&self) -> &'static str {
        "Alembic keeps no such rows"
    }
}

/// Each after those that it follows; what could stand in any order, by date.
fn in_order(mut changes: Vec<Change>) -> Result<Vec<Change>, Error> {
    changes.sort_by(|one, other| (one.base, &one.key).cmp(&(other.base, &other.key)));
    let known: BTreeSet<String> = changes.iter().map(|it| it.key.clone()).collect();
    for change in &changes {
        if let Some(parent) = change.parents.iter().find(|it| !known.contains(*it)) {
            let message = format!(
                "{} follows {parent}, which no file is",
                change.file.display()
            );
            return Err(Error::conflict(message)
                .with_hint("restore the file, or name the folder of all revisions with --source"));
        }
    }
    let mut placed: BTreeSet<String> = BTreeSet::new();
    let mut ordered = Vec::with_capacity(changes.len());
    while !changes.is_empty() {
        let ready = |it: &Change| it.parents.iter().all(|parent| placed.contains(parent));
        let Some(next) = changes.iter().position(ready) else {
            let file = changes.first().map(|it| it.file.display().to_string());
            let message = format!(
                "the revisions follow one another in a circle, {}",
                file.unwrap_or_default()
            );
            return Err(Error::conflict(message).with_hint("mend `down_revision` in the files"));
        };
        let change = changes.remove(next);
        placed.insert(change.key.clone());
        ordered.push(change);
    }
    Ok(ordered)
}

/// The strings that a name is given at the top level of a Python file: one, several, or none for `None`.
fn assigned(text: &str, name: &str) -> Option<Vec<String>> {
    let starts = text.match_indices(name).map(|(at, _)| at);
    let mut values = starts.filter_map(|at| {
        let at_line_start = at == 0 || text[..at].ends_with('\n');
        let after = &text[at + name.len()..];
        let (annotation, value) = after.split_once('=')?;
        let is_assignment = annotation.trim().is_empty() || annotation.starts_with(':');
        (at_line_start && is_assignment && !annotation.contains('\n')).then_some(value)
    });
    Some(strings(values.next()?))
}

/// The quoted words of a Python expression, which goes on over lines while a bracket is open.
fn strings(expression: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut letters = expression.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '\n' if depth == 0 => break,
            // A comment goes to the end of its line, and so does the expression outside brackets.
            '#' if depth == 0 => break,
            '#' => drop(letters.find(|(_, it)| *it == '\n')),
            '"' | '\'' => {
                let Some((end, _)) = letters.find(|(_, it)| *it == letter) else {
                    break;
                };
                found.push(expression[at + 1..end].to_owned());
            }
            _ => {}
        }
    }
    found
}

/// The date that Alembic writes into a new file; 0 without it.
fn created(text: &str) -> i64 {
    let date = text
        .lines()
        .find_map(|it| it.trim().strip_prefix("Create Date:"));
    let digits: String = date
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect();
    if digits.len() == 14 {
        project::base_of(&digits)
    } else {
        0
    }
}

/// Asks `alembic` for the SQL of its migrations, in both directions; nothing is run in a database.
pub(in crate::adopt) async fn take_sql(folder: &Path, project: &mut Project) {
    let ini = folder
        .ancestors()
        .take(PARENTS_MAX)
        .map(|it| it.join("alembic.ini"))
        .find(|it| it.is_file());
    let Some(ini) = ini else {
        project.notes.push(String::from(
            "no alembic.ini beside or above the folder, so no SQL of its migrations: one baseline instead",
        ));
        return;
    };
    let Some(ups) = print_sql(&ini, &["upgrade", "heads"]).await else {
        project.notes.push(String::from(
            "`alembic upgrade heads --sql` is not to be had here or fails, so no SQL of its migrations: one baseline instead",
        ));
        return;
    };
    let downs = print_sql(&ini, &["downgrade", "heads:base"])
        .await
        .unwrap_or_default();
    let mut ups = sections(&ups, "-- Running upgrade ", |(_, to)| to);
    let mut downs = sections(&downs, "-- Running downgrade ", |(from, _)| from);
    for change in &mut project.changes {
        change.up = ups.remove(&change.key);
        change.down = downs.remove(&change.key);
    }
}

async fn print_sql(ini: &Path, command: &[&str]) -> Option<String> {
    let ini = ini.canonicalize().ok()?;
    let output = Command::new("alembic")
        .arg("-c")
        .arg(&ini)
        .args(command)
        .arg("--sql")
        .current_dir(ini.parent()?)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, output).await.ok()?.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

/// What stands below each line that announces a migration, by the revision that `which` takes of the two in it.
fn sections<'a>(
    text: &'a str,
    announcement: &str,
    which: fn((&'a str, &'a str)) -> &'a str,
) -> BTreeMap<String, String> {
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in text.split_inclusive('\n') {
        let announced = line
            .strip_prefix(announcement)
            .and_then(|it| it.split_once("->"));
        if let Some(ends) = announced {
            let revision = which(ends).trim();
            current = Some(sections.entry(revision.to_owned()).or_default());
        } else if let Some(section) = &mut current {
            section.push_str(line);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_in_all_forms_that_alembic_has_written() {
        let check = |text: &str, name, expected: Option<&[&str]>| {
            let expected = expected.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
            assert_eq!(assigned(text, name), expected, "{text}");
        };
        check("revision = 'a'\n", "revision", Some(&["a"]));
        check(
            "x\nrevision: str = \"a\" # b 'c'\n",
            "revision",
            Some(&["a"]),
        );
        check(
            "down_revision: Union[str, None] = None\n",
            "down_revision",
            Some(&[]),
        );
        check(
            "down_revision = ('a', 'b')\n",
            "down_revision",
            Some(&["a", "b"]),
        );
        check(
            "down_revision = (\n  'a',  # one\n  'b',\n)\nx = 'c'",
            "down_revision",
            Some(&["a", "b"]),
        );
        check(
            "down_revision = 'a'\nrevision = 'b'\n",
            "revision",
            Some(&["b"]),
        );
        check("# revision = 'a'\n", "revision", None);
    }

    fn change(key: &str, base: i64, parents: &[&str]) -> Change {
        Change {
            key: key.to_owned(),
            base,
            parents: parents.iter().map(|it| (*it).to_owned()).collect(),
            ..Change::default()
        }
    }

    #[test]
    fn the_order_is_that_of_the_files_and_then_of_the_dates() {
        let ordered = in_order(vec![
            change("merge", 1, &["left", "right"]),
            change("right", 3, &["base"]),
            change("left", 2, &["base"]),
            change("base", 9, &[]),
        ]);
        let keys: Vec<_> = ordered
            .expect("no circle")
            .into_iter()
            .map(|it| it.key)
            .collect();
        assert_eq!(keys, ["base", "left", "right", "merge"]);
        assert!(in_order(vec![change("a", 0, &["b"]), change("b", 0, &["a"])]).is_err());
        assert!(in_order(vec![change("a", 0, &["gone"])]).is_err());
    }

    #[test]
    fn printed_sql_is_cut_at_its_announcements() {
        let text = "BEGIN;\n-- Running upgrade  -> a\nA;\n-- Running upgrade a -> b\nB;\nCOMMIT;\n";
        let found = sections(text, "-- Running upgrade ", |(_, to)| to);
        assert_eq!(found["a"], "A;\n");
        assert_eq!(found["b"], "B;\nCOMMIT;\n");
    }
}

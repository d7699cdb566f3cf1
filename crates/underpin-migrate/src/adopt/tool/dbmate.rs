//! dbmate: `<digits>_<words>.sql` with both ways in one file, below `-- migrate:up` and `-- migrate:down`.

use super::Format;
use crate::Error;
use crate::adopt::project::{self, Change, Project};
use crate::files::Place;
use std::path::Path;
use std::sync::Arc;

pub(super) struct Dbmate;

impl Format for Dbmate {
    fn table(&self) -> &'static str {
        "schema_migrations"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["version"]
    }

    fn history(&self) -> &'static str {
        "SELECT version::text AS key, NULL::text AS checksum, NULL::timestamptz AS applied_at, false AS failed, \
         NULL::text AS kind FROM {table} ORDER BY version"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["db/migrations"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        // By the names of the files, as dbmate runs them.
        for file in project::numbered(folder)? {
            let Some((up, down)) = sections(&file.found.read()?) else {
                let file = Arc::from(file.found.path.display().to_string());
                return Err(
                    Error::bad_input(&Place::file(&file), "no line `-- migrate:up`")
                        .with_hint("dbmate runs no such file either: mend it, or move it away"),
                );
            };
            // The table keeps the digits as they are.
            let (key, words) = (file.digits.clone(), file.rest.clone());
            let change = file.into_change(&words, up);
            project.changes.push(Change {
                key,
                down,
                ..change
            });
        }
        Ok(project)
    }

    fn mend(&self) -> &'static str {
        "dbmate keeps no such rows"
    }
}

/// What stands below the two lines. How dbmate was to run it (`transaction:false`), our parser sees by itself.
fn sections(text: &str) -> Option<(String, Option<String>)> {
    let mut ups: Option<String> = None;
    let mut downs: Option<String> = None;
    let mut in_down = false;
    for line in text.split_inclusive('\n') {
        if is_marker(line, "migrate:up") {
            in_down = false;
            ups.get_or_insert_default();
        } else if is_marker(line, "migrate:down") {
            in_down = true;
            downs.get_or_insert_default();
        } else if let Some(section) = if in_down { &mut downs } else { &mut ups } {
            section.push_str(line);
        }
    }
    Some((ups?, downs.filter(|it| !it.trim().is_empty())))
}

fn is_marker(line: &str, marker: &str) -> bool {
    let rest = line
        .strip_prefix("--")
        .and_then(|rest| rest.trim_start().strip_prefix(marker));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_both_ways() {
        let text = "-- about\n-- migrate:up transaction:false\nA;\n\n--migrate:down\nB;\n";
        let (up, down) = sections(text).expect("has a way forward");
        assert_eq!(up, "A;\n\n");
        assert_eq!(down.as_deref(), Some("B;\n"));
        assert_eq!(
            sections("-- migrate:up\nA;\n-- migrate:down\n\n"),
            Some((String::from("A;\n"), None))
        );
        assert!(sections("A;\n-- migrate:upwards\n").is_none());
    }
}

//! refinery: `V<number>__<words>.sql`, or `U…` for one that may be run late; there is no way back.

use super::Format;
use crate::Error;
use crate::adopt::project::{self, Project};
use std::path::Path;

pub(super) struct Refinery;

impl Format for Refinery {
    fn table(&self) -> &'static str {
        "refinery_schema_history"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["applied_on", "checksum", "name", "version"]
    }

    fn history(&self) -> &'static str {
        "SELECT version::text AS key, NULL::text AS checksum, applied_on::timestamptz AS applied_at, false AS failed, \
         NULL::text AS kind FROM {table} ORDER BY version"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["migrations", "src/migrations"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        for found in project::files(folder, true)? {
            let Some((stem, extension)) = found.base_name().rsplit_once('.') else {
                continue;
            };
            let Some(rest) = stem.strip_prefix(['V', 'U']) else {
                continue;
            };
            let Some((digits, words)) = project::leading_digits(rest) else {
                continue;
            };
            let Some(words) = words.strip_prefix("__") else {
                continue;
            };
            let key = digits.trim_start_matches('0');
            let text = match extension {
                "sql" => Some(found.read()?),
                "rs" => None,
                _ => continue,
            };
            let change = project.entry(if key.is_empty() { "0" } else { key });
            change.base = project::base_of(digits);
            change.slug = project::slug_of(words);
            change.up = text;
            change.name.clone_from(&found.name);
            change.file = found.path;
        }
        project.sort();
        Ok(project)
    }

    fn mend(&self) -> &'static str {
        "refinery keeps no such rows"
    }
}

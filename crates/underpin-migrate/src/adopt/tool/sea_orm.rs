//! SeaORM: `m<date>_<time>_<words>.rs`, which is Rust: what was applied becomes one baseline.

use super::Format;
use crate::Error;
use crate::adopt::project::{self, Change, Project};
use std::path::Path;

pub(super) struct SeaOrm;

impl Format for SeaOrm {
    fn table(&self) -> &'static str {
        "seaql_migrations"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["applied_at", "version"]
    }

    fn history(&self) -> &'static str {
        "SELECT version::text AS key, NULL::text AS checksum, to_timestamp(applied_at) AS applied_at, false AS failed, \
         NULL::text AS kind FROM {table} ORDER BY version"
    }

    fn folders(&self) -> &'static [&'static str] {
        &[
            "migration/src",
            "migrations/src",
            "src/migrator",
            "src/migration",
        ]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        for found in project::files(folder, true)? {
            let Some(stem) = found.base_name().strip_suffix(".rs") else {
                continue;
            };
            let Some((date, rest)) = stem.strip_prefix('m').and_then(project::leading_digits)
            else {
                continue;
            };
            let rest = rest.strip_prefix('_').unwrap_or(rest);
            let (time, words) = project::leading_digits(rest).unwrap_or(("", rest));
            project.changes.push(Change {
                key: stem.to_owned(),
                base: project::base_of(&format!("{date}{time}")),
                slug: project::slug_of(words),
                name: found.name.clone(),
                file: found.path,
                ..Change::default()
            });
        }
        // By their names, as SeaORM's own template lists them.
        project
            .changes
            .sort_by(|one, other| one.key.cmp(&other.key));
        Ok(project)
    }

    fn mend(&self) -> &'static str {
        "SeaORM keeps no such rows"
    }
}

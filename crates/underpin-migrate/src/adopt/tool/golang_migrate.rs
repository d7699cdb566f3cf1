//! golang-migrate: `<number>_<words>.up.sql` and `.down.sql`; the table holds the newest version and nothing else.

use super::Format;
use crate::Error;
use crate::adopt::history::Row;
use crate::adopt::project::{self, Project};
use std::path::Path;

pub(super) struct GolangMigrate;

impl Format for GolangMigrate {
    fn table(&self) -> &'static str {
        "schema_migrations"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["dirty", "version"]
    }

    fn history(&self) -> &'static str {
        "SELECT version::text AS key, NULL::text AS checksum, NULL::timestamptz AS applied_at, dirty AS failed, \
         NULL::text AS kind FROM {table} WHERE version >= 0"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["migrations", "db/migrations"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        for found in project::files(folder, false)? {
            let Some((digits, rest)) = project::leading_digits(&found.name) else {
                continue;
            };
            let Some(rest) = rest
                .strip_prefix('_')
                .and_then(|rest| rest.strip_suffix(".sql"))
            else {
                continue;
            };
            let key = digits.trim_start_matches('0');
            let key = if key.is_empty() { "0" } else { key };
            if let Some(words) = rest.strip_suffix(".up") {
                let text = found.read()?;
                let change = project.entry(key);
                change.slug = project::slug_of(words);
                change.base = project::base_of(digits);
                change.name = found.name;
                change.file = found.path;
                change.up = Some(text);
            } else if rest.ends_with(".down") {
                project.entry(key).down = Some(found.read()?);
            }
        }
        project.changes.retain(|it| it.up.is_some());
        project.sort();
        Ok(project)
    }

    fn applied(&self, rows: Vec<Row>, project: &mut Project) -> Result<Vec<Row>, Error> {
        let Some(row) = rows.first() else {
            return Ok(rows);
        };
        let Some(newest) = project.changes.iter().position(|it| it.key == row.key) else {
            return Ok(rows);
        };
        let row_of = |key: &String| Row {
            key: key.clone(),
            failed: row.failed && *key == row.key,
            ..Row::default()
        };
        let applied = project.changes.iter().take(newest + 1);
        Ok(applied.map(|change| row_of(&change.key)).collect())
    }

    fn mend(&self) -> &'static str {
        "golang-migrate stopped in the middle of it (dirty): bring the database in order by hand, say so with `migrate \
         force VERSION`, then adopt again"
    }
}

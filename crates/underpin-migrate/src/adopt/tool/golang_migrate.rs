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
        for file in project::numbered(folder)? {
            let Some(words) = file.rest.strip_prefix('_').map(str::to_owned) else {
                continue;
            };
            if let Some(words) = words.strip_suffix(".up") {
                let text = file.found.read()?;
                project.add(file.into_change(words, text));
            } else if words.ends_with(".down") {
                project.entry(file.key()).down = Some(file.found.read()?);
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

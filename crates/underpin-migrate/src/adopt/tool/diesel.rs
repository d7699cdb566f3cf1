//! diesel: a folder a migration, `<date>_<words>/up.sql` and `down.sql`; the version is the date without its dashes.

use super::Format;
use crate::Error;
use crate::adopt::project::{self, Project};
use std::path::Path;

pub(super) struct Diesel;

impl Format for Diesel {
    fn table(&self) -> &'static str {
        "__diesel_schema_migrations"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["run_on", "version"]
    }

    fn history(&self) -> &'static str {
        "SELECT version::text AS key, NULL::text AS checksum, run_on::timestamptz AS applied_at, false AS failed, \
         NULL::text AS kind FROM {table} ORDER BY version"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["migrations"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        for found in project::files(folder, true)? {
            let Some((name, script)) = found.name.split_once('/') else {
                continue;
            };
            let Some((date, words)) = name.split_once('_') else {
                continue;
            };
            let digits = date.replace('-', "");
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            match script {
                "up.sql" => {
                    let text = found.read()?;
                    let change = project.entry(&digits);
                    change.base = project::base_of(&digits);
                    change.slug = project::slug_of(words);
                    change.name.clone_from(&found.name);
                    change.file = found.path;
                    change.up = Some(text);
                }
                "down.sql" => project.entry(&digits).down = Some(found.read()?),
                _ => {}
            }
        }
        project.changes.retain(|it| it.up.is_some());
        project
            .changes
            .sort_by(|one, other| one.key.cmp(&other.key));
        Ok(project)
    }

    fn mend(&self) -> &'static str {
        "diesel keeps no such rows"
    }
}

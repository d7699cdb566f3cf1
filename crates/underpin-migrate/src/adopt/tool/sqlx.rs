//! sqlx: `<number>_<words>.sql`, or a pair of `.up.sql` and `.down.sql`; the checksum is the SHA-384 of the file.

use super::Format;
use crate::Error;
use crate::adopt::history::Row;
use crate::adopt::project::{self, Change, Project};
use sha2::{Digest, Sha384};
use std::fmt::Write;
use std::path::Path;

pub(super) struct Sqlx;

impl Format for Sqlx {
    fn table(&self) -> &'static str {
        "_sqlx_migrations"
    }

    fn columns(&self) -> &'static [&'static str] {
        &[
            "checksum",
            "description",
            "execution_time",
            "installed_on",
            "success",
            "version",
        ]
    }

    fn history(&self) -> &'static str {
        "SELECT version::text AS key, encode(checksum, 'hex') AS checksum, installed_on AS applied_at, \
         NOT success AS failed, NULL::text AS kind FROM {table} ORDER BY version"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["migrations"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        for file in project::numbered(folder)? {
            let Some(words) = file.rest.strip_prefix('_').map(str::to_owned) else {
                continue;
            };
            let text = file.found.read()?;
            if words.ends_with(".down") {
                project.entry(file.key()).down = Some(text);
            } else {
                let words = words.strip_suffix(".up").unwrap_or(&words);
                project.add(file.into_change(words, text));
            }
        }
        // sqlx, too, passes over a way back that leads back from nowhere.
        project.changes.retain(|it| it.up.is_some());
        project.sort();
        Ok(project)
    }

    fn is_unchanged(&self, row: &Row, change: &Change) -> bool {
        let (Some(checksum), Some(text)) = (&row.checksum, &change.up) else {
            return true;
        };
        // A checkout may have changed line ends, which changes sqlx's checksum and nothing else.
        let unix = text.replace("\r\n", "\n");
        let windows = unix.replace('\n', "\r\n");
        [text, &unix, &windows]
            .iter()
            .any(|text| sha384(text) == *checksum)
    }

    fn mend(&self) -> &'static str {
        "sqlx stopped in the middle of it: bring the database in order by hand, delete or correct its row in \
         _sqlx_migrations, then adopt again"
    }
}

fn sha384(text: &str) -> String {
    let mut hex = String::with_capacity(96);
    for byte in Sha384::digest(text) {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    hex
}

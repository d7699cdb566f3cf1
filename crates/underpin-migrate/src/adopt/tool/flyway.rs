//! Flyway: `V<dotted version>__<words>.sql`, `U…` for the way back; the checksum is a CRC-32 of the lines.

use super::Format;
use crate::Error;
use crate::adopt::history::Row;
use crate::adopt::project::{self, Change, Project, VERSION_MAX};
use std::path::Path;

pub(super) struct Flyway;

impl Format for Flyway {
    fn table(&self) -> &'static str {
        "flyway_schema_history"
    }

    fn columns(&self) -> &'static [&'static str] {
        &[
            "checksum",
            "description",
            "execution_time",
            "installed_by",
            "installed_on",
            "installed_rank",
            "script",
            "success",
            "type",
            "version",
        ]
    }

    fn history(&self) -> &'static str {
        "SELECT coalesce(version, '')::text AS key, checksum::text AS checksum, installed_on::timestamptz AS applied_at, \
         NOT success AS failed, type::text AS kind FROM {table} ORDER BY installed_rank"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["src/main/resources/db/migration", "db/migration", "sql"]
    }

    fn read(&self, folder: &Path) -> Result<Project, Error> {
        let mut project = Project::default();
        for found in project::files(folder, true)? {
            let Some(stem) = found.base_name().strip_suffix(".sql") else {
                continue;
            };
            let Some((version, words)) = stem.split_once("__") else {
                continue;
            };
            if version == "R" {
                project.notes.push(format!(
                    "{} is repeatable: not taken over; a copy in the folder `repeatable` of the migrations is run at each change",
                    found.name
                ));
                continue;
            }
            let Some((kind, version)) = version.split_at_checked(1) else {
                continue;
            };
            let Some(version) = Version::parse(version) else {
                continue;
            };
            match kind {
                "V" => {
                    let text = found.read()?;
                    if text.contains("${") {
                        project.notes.push(format!(
                            "{} uses a placeholder of Flyway's (${{…}}): write its value into the copy",
                            found.name
                        ));
                    }
                    let change = project.entry(&version.key());
                    change.base = version.base();
                    change.slug = project::slug_of(words);
                    change.up = Some(text);
                    change.name.clone_from(&found.name);
                    change.file = found.path;
                }
                "U" => project.entry(&version.key()).down = Some(found.read()?),
                "B" => project.notes.push(format!(
                    "{} is a baseline that stands for others: not taken over",
                    found.name
                )),
                _ => {}
            }
        }
        project.changes.retain(|it| it.up.is_some());
        project.changes.sort_by_key(|it| Version::parse(&it.key));
        Ok(project)
    }

    fn applied(&self, rows: Vec<Row>, project: &mut Project) -> Result<Vec<Row>, Error> {
        let mut applied: Vec<Row> = Vec::new();
        for mut row in rows {
            let kind = row.kind.as_deref().unwrap_or_default();
            let Some(version) = Version::parse(&row.key) else {
                // Repeatables, and the row that says that Flyway made the schema.
                continue;
            };
            if kind.ends_with("BASELINE") {
                below_baseline(&version, project, &mut applied);
                continue;
            }
            row.key = version.key();
            applied.retain(|it| it.key != row.key);
            if !kind.starts_with("UNDO") && kind != "DELETE" {
                applied.push(row);
            }
        }
        Ok(applied)
    }

    fn is_unchanged(&self, row: &Row, change: &Change) -> bool {
        let (Some(checksum), Some(text)) = (&row.checksum, &change.up) else {
            return true;
        };
        // Flyway keeps the 32 bits as a signed number.
        checksum.parse() == Ok(i64::from(crc32_of_lines(text).cast_signed()))
    }

    fn find(&self, row: &Row) -> String {
        match row.kind.as_deref() {
            None | Some("SQL") => {
                String::from("restore its file, or name the folder that it lies in with --source")
            }
            Some(kind) => format!(
                "Flyway calls its type {kind}: it is a program, and never had a file of SQL. Write the schema as it is as the first \
                 migration, `underpin migrate new baseline --to postgres://…`, and record that with `underpin migrate stamp`"
            ),
        }
    }

    fn mend(&self) -> &'static str {
        "bring the database in order by hand, let `flyway repair` forget the failed one, then adopt again"
    }
}

/// What Flyway takes for there already: all up to its baseline.
fn below_baseline(baseline: &Version, project: &mut Project, applied: &mut Vec<Row>) {
    let below = |it: &&Change| Version::parse(&it.key).is_some_and(|version| version <= *baseline);
    let rows = project.changes.iter().filter(below).map(|it| Row {
        key: it.key.clone(),
        ..Row::default()
    });
    let before = applied.len();
    applied.extend(rows);
    let key = baseline.key();
    project.notes.push(if applied.len() > before {
        format!("Flyway's baseline is {key}: the files up to it count as applied")
    } else {
        format!("Flyway's baseline is {key}: what stood before it is in no file, and an empty database will not get it")
    });
}

/// A dotted version; trailing zeros mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Version(Vec<u64>);

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let parts: Result<Vec<u64>, _> = text.split(['.', '_']).map(str::parse).collect();
        let mut parts = parts.ok()?;
        while parts.len() > 1 && parts.last() == Some(&0) {
            parts.pop();
        }
        Some(Self(parts))
    }

    fn key(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(u64::to_string).collect();
        parts.join(".")
    }

    /// Five digits for the first part and three for each of the next three, so that 1.5 fits between 1 and 2; a number
    /// that is too large for that, such as a date, stays what it is.
    fn base(&self) -> i64 {
        const FIRST_MAX: u64 = 99_999;
        const NEXT_MAX: u64 = 999;
        let (first, rest) = match self.0.split_first() {
            Some((first, rest)) => (*first, rest),
            None => (0, [].as_slice()),
        };
        let base = if first <= FIRST_MAX && rest.len() <= 3 && rest.iter().all(|it| *it <= NEXT_MAX)
        {
            (0..3).fold(first, |base, part| {
                base * 1000 + rest.get(part).unwrap_or(&0)
            })
        } else {
            return project::base_of(&first.to_string());
        };
        i64::try_from(base).unwrap_or(VERSION_MAX)
    }
}

/// The CRC-32 of zip and PNG over all lines without their ends and without a byte order mark.
fn crc32_of_lines(text: &str) -> u32 {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut crc = u32::MAX;
    for byte in text.bytes().filter(|byte| !b"\r\n".contains(byte)) {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc >>= 1;
            if odd {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[test]
    fn versions_are_compared_part_by_part() {
        for (less, more) in [
            ("1", "1.1"),
            ("1.2", "1.10"),
            ("1_9", "2"),
            ("2", "10"),
            ("9.9.9", "20240501"),
        ] {
            assert!(version(less) < version(more), "{less} {more}");
        }
        assert_eq!(version("1.0"), version("001"));
        assert_eq!(version("1_2").key(), "1.2");
        assert!(Version::parse("").is_none() && Version::parse("1.x").is_none());
    }

    #[test]
    fn a_dotted_version_leaves_room_for_those_between() {
        let check = |text, expected| assert_eq!(version(text).base(), expected, "{text}");
        check("1", 1_000_000_000);
        check("1.5", 1_005_000_000);
        check("2.1.3.4", 2_001_003_004);
        check("99999.999.999.999", VERSION_MAX);
        check("20240501120000", 20_240_501_120_000);
        check("20240501120000.1", 20_240_501_120_000);
        check("1.1000", 1);
    }

    #[test]
    fn the_checksum_is_that_of_zip_without_line_ends() {
        assert_eq!(crc32_of_lines("123456789"), 0xcbf4_3926);
        assert_eq!(crc32_of_lines("\u{feff}1234\r\n56789\n"), 0xcbf4_3926);
    }
}

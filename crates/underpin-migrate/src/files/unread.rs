//! Sub-folders that hold SQL and are not looked into, to be named: a migration in one would never be missed.

use super::name::is_sql;
use super::{hook, repeatable};
use std::fs;
use std::path::{Path, PathBuf};

/// Deepest nesting that is looked into for a file of SQL.
const DEPTH_MAX: u8 = 8;

/// The sub-folders of a folder of migrations that hold SQL and that nothing reads: all but `repeatable` and `hooks`, and what
/// lies below those. By name; hidden ones are left out.
#[must_use]
pub fn unread_folders(migrations: &Path) -> Vec<PathBuf> {
    let read = [repeatable::FOLDER, hook::FOLDER].map(|name| migrations.join(name));
    let mut unread = sql_folders(migrations);
    unread.retain(|folder| !read.contains(folder));
    unread.extend(read.iter().flat_map(|folder| sql_folders(folder)));
    unread
}

/// The sub-folders of a folder that hold SQL, by name; hidden ones are left out.
#[must_use]
pub fn sql_folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = folders(folder);
    found.retain(|folder| holds_sql(folder, DEPTH_MAX));
    found.sort();
    found
}

fn holds_sql(folder: &Path, depth: u8) -> bool {
    let has_file = entries(folder).any(|path| {
        let name = path.file_name().unwrap_or_default();
        is_sql(&name.to_string_lossy()) && !path.is_dir()
    });
    let deeper = depth.checked_sub(1);
    has_file
        || deeper.is_some_and(|depth| folders(folder).iter().any(|below| holds_sql(below, depth)))
}

/// The folders in a folder. A link is not followed: it may lead back up.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let is_folder = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && path.is_dir() && !path.is_symlink()
    };
    entries(folder).filter(is_folder).collect()
}

/// What cannot be read holds nothing that anybody could run.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_sql_that_nothing_reads_are_found_at_any_depth() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, "SELECT 1;").expect("written");
        };
        for name in [
            "20240501120000_a.up.sql",
            "repeatable/views.sql",
            "repeatable/more/views.sql",
            "hooks/before_up.sql",
            "v2/deep/down/b.sql",
            "v1/a.SQL",
            ".git/a.sql",
            "notes/readme.md",
        ] {
            write(name);
        }
        let names = |found: Vec<PathBuf>| -> Vec<String> {
            let name = |path: PathBuf| {
                let name = path.strip_prefix(folder.path()).expect("below it");
                name.display().to_string()
            };
            found.into_iter().map(name).collect()
        };
        let unread = names(unread_folders(folder.path()));
        assert_eq!(unread, ["v1", "v2", "repeatable/more"]);
        let all = names(sql_folders(folder.path()));
        assert_eq!(all, ["hooks", "repeatable", "v1", "v2"]);
    }
}

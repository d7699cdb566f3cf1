//! Files of settings that somebody else can change: root does not read them, others read what they like.

use crate::support::error_in;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use underpin_core::trust::is_root;

/// A user that nobody is.
const STRANGER: u32 = 64_123;

const SETTINGS: [(&str, &str); 2] = [
    ("underpin.toml", "[local]\npostgres_bin = \"/tmp/evil\"\n"),
    (".env", "UNDERPIN_POSTGRES_BIN=/tmp/evil\n"),
];

/// Writes each file of settings into a new folder, lets `spoil` change it, and states whether root refuses it.
fn check_refused(spoil: impl Fn(&Path, &Path), why: &str) {
    for (name, text) in SETTINGS {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("folder");
        fs::create_dir(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        spoil(&folder, &file);
        match error_in(&folder) {
            Some(error) if is_root() => {
                let message = error.to_string();
                assert!(message.contains(name) && message.contains(why), "{message}");
                let hint = underpin_core::Diagnose::hint(&error).unwrap();
                assert!(hint.contains("chown") || hint.contains("chmod"), "{hint}");
            }
            None if !is_root() => {}
            other => panic!("{name}, {why}: {other:?}"),
        }
    }
}

/// Only root can give files away; without it the file stays ours, which everybody may read.
fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(STRANGER), Some(STRANGER)).unwrap();
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_of_somebody_else_is_not_read_by_root() {
    check_refused(|_, file| give_away(file), "belongs to user 64123");
}

#[test]
fn a_file_in_the_folder_of_somebody_else_is_not_read_by_root() {
    check_refused(|folder, _| give_away(folder), "belongs to user 64123");
}

#[test]
fn a_file_that_everybody_may_write_to_is_not_read_by_root() {
    check_refused(|_, file| set_mode(file, 0o666), "everybody may write to");
}

#[test]
fn a_file_in_a_folder_of_everybody_is_not_read_by_root_unless_it_is_roots_own_and_the_folder_sticky()
 {
    check_refused(
        |folder, _| set_mode(folder, 0o777),
        "everybody may write to",
    );
    check_refused(
        |folder, file| {
            set_mode(folder, 0o1777);
            give_away(file);
        },
        "belongs to user 64123",
    );
    for (name, text) in SETTINGS {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        set_mode(folder.path(), 0o1777);
        assert!(error_in(folder.path()).is_none(), "{name}");
    }
}

#[test]
fn a_link_to_the_file_of_somebody_else_is_not_read_by_root() {
    let place = tempfile::tempdir().unwrap();
    check_refused(
        |_, file| {
            let target = place.path().join(file.file_name().unwrap());
            fs::rename(file, &target).unwrap();
            give_away(&target);
            symlink(&target, file).unwrap();
        },
        "belongs to user 64123",
    );
}

#[test]
fn a_named_pipe_in_place_of_a_file_is_an_error_and_not_waited_for() {
    for (name, _) in SETTINGS {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status();
        assert!(made.unwrap().success());
        let error = error_in(folder.path()).unwrap();
        assert!(error.to_string().contains("could not read"), "{error}");
    }
}

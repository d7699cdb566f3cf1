//! Making a cluster: initdb into a temporary folder, one rename, then it is there.

use crate::error::{DISK_FULL_HINT, READ_ONLY_HINT};
use crate::layout::{Layout, make_owned_folder};
use crate::password::{self, Role};
use crate::roles::Passwords;
use crate::settings::DATABASE;
use crate::start::Chosen;
use crate::wait::Deadline;
use crate::{Error, log, program, roles};
use std::io;
use std::path::Path;
use std::process::Output;
use underpin_core::ErrorKind;

/// A temporary folder of initdb is called this and a process number.
const UNFINISHED: &str = "data.unfinished-";

/// What to do as a user that the machine does not know, as containers are often run.
const NO_ENTRY_HINT: &str = "run as a user that the machine knows (`id -un` prints a name), or give this one a name: \
     `echo \"underpin:x:$(id -u):$(id -g)::/tmp:/usr/sbin/nologin\" >> /etc/passwd` when the image is built";

/// The file in which PostgreSQL says which major version made the folder.
const VERSION: &str = "PG_VERSION";

/// The first major version with a locale of PostgreSQL's own, the same on every machine.
const BUILTIN_LOCALE_SINCE: u32 = 17;

/// Which PostgreSQL made the data folder; None when there is no cluster in it yet.
pub(crate) fn existing_major(layout: &Layout) -> Result<Option<u32>, Error> {
    let Some(data) = layout.data_folder()? else {
        return Ok(None);
    };
    let text = data
        .read(VERSION)
        .map_err(|cause| Error::io("read", &data.path().join(VERSION), cause))?;
    let Some(text) = text else {
        return match layout.has_no_data()? {
            true => Ok(None),
            false => Err(not_a_cluster(
                data.path(),
                "it is not empty and has no PG_VERSION",
            )),
        };
    };
    let major = text.trim().split('.').next();
    match major.and_then(|major| major.parse().ok()) {
        Some(major) => Ok(Some(major)),
        None => Err(not_a_cluster(
            data.path(),
            "its PG_VERSION holds no version",
        )),
    }
}

/// Makes the cluster with its roles and one database. Whatever interrupts it, the next call begins anew.
pub(crate) fn create(chosen: &Chosen<'_>) -> Result<Passwords, Error> {
    let layout = chosen.layout;
    remove_unfinished(layout, &chosen.deadline)?;
    let name = format!("{UNFINISHED}{}", std::process::id());
    make_owned_folder(layout.folder(), &name, &chosen.account)?;
    let made = make(chosen, &name);
    if made.is_err() {
        // A folder that cannot be removed now is removed by the next start.
        let _ = layout.folder().remove_tree(&name);
    }
    made
}

fn make(chosen: &Chosen<'_>, name: &str) -> Result<Passwords, Error> {
    let unfinished = chosen.layout.root().join(name);
    let passwords = Passwords::generate();
    initdb(chosen, name)?;
    let database = format!("CREATE DATABASE {DATABASE} OWNER {}", Role::Service.name());
    let statements = [passwords.statement(), database];
    single_user(
        chosen,
        &unfinished,
        "template1",
        &statements.each_ref().map(String::as_str),
    )?;
    roles::settle_new_database(chosen, &unfinished, DATABASE)?;
    // Before the rename: a cluster that is there has its passwords.
    for (role, password) in [
        (Role::Service, Some(&passwords.service)),
        (Role::Admin, passwords.admin.as_ref()),
    ] {
        if let Some(password) = password {
            password::write(chosen.layout, role, password)?;
        }
    }
    chosen.layout.become_data(name)?;
    Ok(passwords)
}

/// With a password that is replaced at once: initdb wants one for a role that logs in by it.
fn initdb(chosen: &Chosen<'_>, name: &str) -> Result<(), Error> {
    let root = chosen.layout.folder();
    let file = format!("{name}.password");
    let path = root.path().join(&file);
    let password = password::generate();
    let outcome = root
        .make_file(&file, 0o600, password.expose(), chosen.account.ids())
        .map_err(|cause| Error::io("write", &path, cause))
        .and_then(|()| initdb_with(chosen, &root.path().join(name), &path));
    // It holds a password, so a failure to remove it counts.
    let removed = root
        .remove(&file)
        .map_err(|cause| Error::io("remove", &path, cause));
    outcome.and(removed)
}

fn initdb_with(chosen: &Chosen<'_>, folder: &Path, password_file: &Path) -> Result<(), Error> {
    let mut failed = None;
    for locale in locales(chosen.binaries.major()) {
        let initdb = chosen.binaries.program("initdb");
        let mut command = chosen.account.command(&initdb);
        command
            .arg("--pgdata")
            .arg(folder)
            .arg("--pwfile")
            .arg(password_file);
        command.args(["--username", Role::Admin.name()]);
        command.args(["--encoding=UTF8", "--data-checksums"]);
        command.args(["--auth-host=scram-sha-256", "--auth-local=scram-sha-256"]);
        command.arg("--no-instructions").args(*locale);
        if !chosen.settings.is_durable() {
            command.arg("--no-sync");
        }
        let output = program::run(&mut command, None, &chosen.deadline)
            .map_err(|cause| Error::io("run", &initdb, cause))?;
        if output.status.success() {
            return Ok(());
        }
        let error = program_failed("initdb", folder, &output);
        if !String::from_utf8_lossy(&output.stderr).contains("invalid locale name") {
            return Err(error);
        }
        failed = Some(error);
    }
    Err(failed.unwrap_or_else(|| Error::new(ErrorKind::Internal, "no locale was tried")))
}

/// Sorting by code point and full Unicode upper and lower case where the machine can; bare C where it cannot.
const fn locales(major: u32) -> &'static [&'static [&'static str]] {
    if major >= BUILTIN_LOCALE_SINCE {
        &[&[
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    }
}

/// Runs statements without a server, and returns what they print: PostgreSQL's single-user mode, which reads them from its
/// input.
pub(crate) fn single_user(
    chosen: &Chosen<'_>,
    data: &Path,
    database: &str,
    statements: &[&str],
) -> Result<String, Error> {
    let postgres = chosen.binaries.program("postgres");
    let mut command = chosen.account.command(&postgres);
    command.args(["--single", "-j", "-D"]).arg(data);
    // A statement may hold a password: it goes to no log and into no error.
    command.args([
        "-c",
        "log_min_error_statement=panic",
        "-c",
        "log_statement=none",
        // What it says is looked at.
        "-c",
        "lc_messages=C",
    ]);
    if !chosen.settings.is_durable() {
        command.args(["-c", "fsync=off"]);
    }
    let input: String = statements
        .iter()
        .map(|statement| format!("{};\n\n", statement.trim_end()))
        .collect();
    let output = program::run(command.arg(database), Some(&input), &chosen.deadline)
        .map_err(|cause| Error::io("run", &postgres, cause))?;
    let failed =
        !output.status.success() || String::from_utf8_lossy(&output.stderr).contains("ERROR:");
    if failed {
        Err(program_failed("postgres --single", data, &output))
    } else {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The error of a program, with its own last words as the cause.
fn program_failed(program: &str, folder: &Path, output: &Output) -> Error {
    let said = log::tail(&String::from_utf8_lossy(&output.stderr));
    let error = if said.contains("No space left on device") || said.contains("Disk quota exceeded")
    {
        Error::new(
            ErrorKind::OutOfResources,
            format!("{program} failed in {}: the disk is full", folder.display()),
        )
        .with_hint(DISK_FULL_HINT)
    } else if said.contains("Read-only file system") {
        Error::new(
            ErrorKind::Io,
            format!(
                "{program} failed in {}: the file system is read-only",
                folder.display()
            ),
        )
        .with_hint(READ_ONLY_HINT)
    } else if said.contains("could not look up effective user ID") {
        let message = format!(
            "{program} failed in {}: PostgreSQL runs only as a user that has an entry in /etc/passwd, and this one has none",
            folder.display()
        );
        Error::new(ErrorKind::Config, message).with_hint(NO_ENTRY_HINT)
    } else {
        Error::new(
            ErrorKind::Internal,
            format!(
                "{program} failed in {} ({})",
                folder.display(),
                output.status
            ),
        )
    };
    error.with_source(io::Error::other(said))
}

/// What an interrupted start left. The start lock is held, so no other start uses any of it; but an initdb whose parent was
/// killed may still write there until it notices, so a folder that fills again while it is emptied is emptied again.
fn remove_unfinished(layout: &Layout, deadline: &Deadline) -> Result<(), Error> {
    let root = layout.folder();
    let names = root
        .names()
        .map_err(|cause| Error::io("list", root.path(), cause))?;
    for name in names {
        if name.to_string_lossy().starts_with(UNFINISHED) {
            let path = root.path().join(&name);
            tracing::info!(path = %path.display(), "removing what an interrupted start left behind");
            let failed = |cause| Error::io("remove", &path, cause);
            deadline
                .poll(|| match root.remove_tree(&name) {
                    Ok(()) => Ok(Some(())),
                    Err(cause) if cause.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(None),
                    Err(cause) => Err(failed(cause)),
                })?
                .ok_or_else(|| failed(io::ErrorKind::DirectoryNotEmpty.into()))?;
        }
    }
    Ok(())
}

fn not_a_cluster(data: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{} is no data folder of PostgreSQL: {why}", data.display()),
    )
    .with_hint("choose another folder with UNDERPIN_DATA_DIR, or move this one away")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn a_user_without_an_entry_is_told_how_to_get_one() {
        let output = Output {
            status: ExitStatus::from_raw(256),
            stdout: Vec::new(),
            stderr:
                b"initdb: error: could not look up effective user ID 64123: user does not exist\n"
                    .to_vec(),
        };
        let error = program_failed("initdb", Path::new("/data"), &output);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("/etc/passwd")),
            "{:?}",
            error.hint()
        );
    }
}

//! Making a cluster: initdb into a temporary folder, one rename, then it is there.

use crate::account::Account;
use crate::error::{DISK_FULL_HINT, READ_ONLY_HINT};
use crate::layout::{Layout, make_owned_folder, write_whole};
use crate::password::{self, ROLE};
use crate::settings::DATABASE;
use crate::{Binaries, Error, Settings, log};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use underpin_core::{ErrorKind, Secret};

/// A temporary folder of initdb is called this and a process number.
const UNFINISHED: &str = "data.unfinished-";

/// The first major version with a locale of PostgreSQL's own, the same on every machine.
const BUILTIN_LOCALE_SINCE: u32 = 17;

/// Which PostgreSQL made the data folder; None when there is no cluster in it yet.
pub(crate) fn existing_major(layout: &Layout) -> Result<Option<u32>, Error> {
    let data = layout.data();
    let file = data.join("PG_VERSION");
    match std::fs::read_to_string(&file) {
        Ok(text) => match text
            .trim()
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
        {
            Some(major) => Ok(Some(major)),
            None => Err(not_a_cluster(&data, "its PG_VERSION holds no version")),
        },
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && is_missing_or_empty(&data)? => {
            Ok(None)
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(not_a_cluster(
            &data,
            "it is not empty and has no PG_VERSION",
        )),
        Err(cause) => Err(Error::io("read", &file, cause)),
    }
}

/// Makes the cluster with one role and one database. Whatever interrupts it, the next call begins anew.
pub(crate) fn create(
    layout: &Layout,
    settings: &Settings,
    binaries: &Binaries,
    account: &Account,
) -> Result<(), Error> {
    remove_unfinished(layout)?;
    let unfinished = layout
        .root()
        .join(format!("{UNFINISHED}{}", std::process::id()));
    make_owned_folder(&unfinished, account)?;
    let made = password::generate(layout).and_then(|password| {
        initdb(&unfinished, &password, settings, binaries, account)?;
        single_user(
            &unfinished,
            &format!("CREATE DATABASE {DATABASE}"),
            settings,
            binaries,
            account,
        )
    });
    let made = made.and_then(|()| {
        std::fs::rename(&unfinished, layout.data())
            .map_err(|cause| Error::io("move into place", &unfinished, cause))
    });
    if made.is_err() {
        // A folder that cannot be removed now is removed by the next start.
        let _ = std::fs::remove_dir_all(&unfinished);
    }
    made
}

/// Sets a new password where the file with the old one is lost. The server must not run.
pub(crate) fn reset_password(
    layout: &Layout,
    settings: &Settings,
    binaries: &Binaries,
    account: &Account,
) -> Result<Secret<String>, Error> {
    tracing::warn!(data_dir = %layout.root().display(), "the password file is gone: setting a new password");
    let password = password::generate(layout)?;
    let sql = format!("ALTER ROLE {ROLE} PASSWORD '{}'", password.expose());
    let done = single_user(&layout.data(), &sql, settings, binaries, account);
    if done.is_err() {
        // Without the file the next start tries again.
        let _ = std::fs::remove_file(layout.password());
    }
    done.map(|()| password)
}

fn initdb(
    folder: &Path,
    password: &Secret<String>,
    settings: &Settings,
    binaries: &Binaries,
    account: &Account,
) -> Result<(), Error> {
    let password_file = folder.with_added_extension("password");
    let outcome = write_whole(&password_file, password.expose(), 0o600)
        .and_then(|()| account.own(&password_file))
        .and_then(|()| initdb_with(folder, &password_file, settings, binaries, account));
    // It holds the password, so a failure to remove it counts.
    let removed = std::fs::remove_file(&password_file)
        .map_err(|cause| Error::io("remove", &password_file, cause));
    outcome.and(removed)
}

fn initdb_with(
    folder: &Path,
    password_file: &Path,
    settings: &Settings,
    binaries: &Binaries,
    account: &Account,
) -> Result<(), Error> {
    let mut failed = None;
    for locale in locales(binaries.major()) {
        let program = binaries.program("initdb");
        let mut command = account.command(&program);
        command
            .arg("--pgdata")
            .arg(folder)
            .arg("--pwfile")
            .arg(password_file);
        command.args([
            "--username",
            ROLE,
            "--auth-host=scram-sha-256",
            "--auth-local=scram-sha-256",
        ]);
        command
            .args([
                "--encoding=UTF8",
                "--data-checksums",
                "--no-instructions",
                "--text-search-config=simple",
            ])
            .args(*locale);
        if !settings.is_durable() {
            command.arg("--no-sync");
        }
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|cause| Error::io("run", &program, cause))?;
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

/// Runs one statement without a server: PostgreSQL's single-user mode, which reads it from its input.
fn single_user(
    data: &Path,
    sql: &str,
    settings: &Settings,
    binaries: &Binaries,
    account: &Account,
) -> Result<(), Error> {
    let program = binaries.program("postgres");
    let mut command = account.command(&program);
    command.args(["--single", "-j", "-D"]).arg(data);
    if !settings.is_durable() {
        command.args(["-c", "fsync=off"]);
    }
    command
        .arg("template1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = || -> io::Result<Output> {
        let mut child = command.spawn()?;
        let written = child.stdin.take().map_or(Ok(()), |mut input| {
            input.write_all(format!("{sql};\n\n").as_bytes())
        });
        // When it dies early its own words say more than the broken pipe.
        child.wait_with_output().and_then(|output| {
            if output.status.success() {
                written.map(|()| output)
            } else {
                Ok(output)
            }
        })
    };
    let mut run = run;
    let output = run().map_err(|cause| Error::io("run", &program, cause))?;
    let failed =
        !output.status.success() || String::from_utf8_lossy(&output.stderr).contains("ERROR:");
    if failed {
        Err(program_failed("postgres --single", data, &output))
    } else {
        Ok(())
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

/// Folders of an initdb that was interrupted. The start lock is held, so none of them is in use.
fn remove_unfinished(layout: &Layout) -> Result<(), Error> {
    let entries = layout
        .root()
        .read_dir()
        .map_err(|cause| Error::io("list", layout.root(), cause))?;
    for entry in entries {
        let entry = entry.map_err(|cause| Error::io("list", layout.root(), cause))?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &PathBuf) -> Result<(), Error> {
    tracing::info!(path = %path.display(), "removing what an interrupted start left behind");
    let removed = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    removed.map_err(|cause| Error::io("remove", path, cause))
}

fn is_missing_or_empty(data: &Path) -> Result<bool, Error> {
    match data.read_dir() {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(cause) => Err(Error::io("list", data, cause)),
    }
}

fn not_a_cluster(data: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{} is no data folder of PostgreSQL: {why}", data.display()),
    )
    .with_hint("choose another folder with UNDERPIN_DATA_DIR, or move this one away")
}

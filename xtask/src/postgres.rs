//! Makes sure that PostgreSQL's binaries are on this machine, and PgBouncer and languages where they can be had.

use crate::shell;
use anyhow::{Context, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Kept only while the package is installed: no cluster is to be made or started for it.
const NO_MAIN_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/underpin.conf";
/// Languages in which the tests let PostgreSQL speak, other than English.
const LANGUAGES: &[&str] = &["de_DE", "ja_JP"];
/// What the package `locales` brings.
const LOCALE_SOURCES: &str = "/usr/share/i18n/locales";
/// What Debian's package scripts ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Finds the binaries; when there are none, installs them and says so.
pub(crate) fn prepare(underpin: &Path) -> anyhow::Result<()> {
    if let Some(folder) = find() {
        shell::say(format_args!(
            "PostgreSQL's binaries are in {}",
            folder.display()
        ));
        prepare_pgbouncer();
        prepare_languages();
        return Ok(());
    }
    shell::say("PostgreSQL's binaries are not on this machine");
    if is_debian_like() && is_root() {
        shell::timed("install the package `postgresql`", install_package)?;
        prepare_languages();
        return Ok(());
    }
    shell::say("installing the portable build for this user (`underpin db install`)");
    shell::run(&mut shell::program(underpin, ["db", "install"])).context(
        "could not get PostgreSQL's binaries; install them yourself: `sudo apt-get install postgresql` on Debian and \
         Ubuntu, `sudo dnf install postgresql-server` on Fedora, `brew install postgresql@17` on macOS",
    )
}

/// Gets PgBouncer where that is one call of apt-get. The tests behind it say that they are skipped without it, so that
/// a failure only costs them.
fn prepare_pgbouncer() {
    if has_pgbouncer() {
        return;
    }
    if !(is_debian_like() && is_root()) {
        shell::say("no pgbouncer: the tests behind it will be skipped");
        return;
    }
    let installed = shell::timed("install the package `pgbouncer`", || {
        install(&["pgbouncer"])
    });
    if installed.is_err() {
        shell::say("pgbouncer could not be installed: the tests behind it will be skipped");
    }
}

/// Makes the locales in which PostgreSQL is to speak, where that is a call of `localedef`. The tests in these languages say
/// that they are skipped without, so that a failure only costs them.
fn prepare_languages() {
    let known = shell::output(&mut shell::program("locale", ["-a"])).unwrap_or_default();
    // `locale` writes `de_DE.utf8` for what is asked for as `de_DE.UTF-8`.
    let is_missing =
        |language: &&str| !known.lines().any(|line| line == format!("{language}.utf8"));
    let missing: Vec<&str> = LANGUAGES.iter().copied().filter(is_missing).collect();
    if missing.is_empty() {
        return;
    }
    let names = missing.join(" and ");
    if !(is_debian_like() && is_root()) {
        shell::say(format_args!(
            "no locale {names}: the tests in these languages will be skipped"
        ));
        return;
    }
    let made = shell::timed(&format!("make the locales {names} on this machine"), || {
        if !Path::new(LOCALE_SOURCES).join(missing[0]).exists() {
            install(&["locales"])?;
        }
        missing.iter().try_for_each(|language| {
            let name = format!("{language}.UTF-8");
            let mut localedef = shell::program("localedef", ["-f", "UTF-8", "-i", language, &name]);
            shell::say(format_args!("$ localedef -f UTF-8 -i {language} {name}"));
            shell::run(&mut localedef)
        })
    });
    if let Err(error) = made {
        shell::say(format_args!(
            "the locales {names} could not be made: the tests in these languages will be skipped: {error:#}"
        ));
    }
}

fn has_pgbouncer() -> bool {
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .any(|folder| folder.join("pgbouncer").is_file())
}

/// Installs the portable build of a major version that the distribution may not have.
pub(crate) fn install_portable(underpin: &Path, major: u32) -> anyhow::Result<()> {
    shell::run(&mut shell::program(
        underpin,
        ["db", "install", "--version", &major.to_string()],
    ))
}

/// The programs of the newest minor version that apt-get offers of the installed major one, unpacked below `target`; nothing
/// on the machine is replaced. A security release changes what the catalog holds, and users have it before the test machines.
pub(crate) fn newest_minor() -> anyhow::Result<PathBuf> {
    let major = installed_major().context(
        "no PostgreSQL of the distribution in /usr/lib/postgresql: its newest minor version is not known",
    )?;
    let folder = shell::root().join("target/postgres-newest");
    let packages = folder.join("packages");
    if packages.exists() {
        fs::remove_dir_all(&packages).context("could not remove an earlier download")?;
    }
    fs::create_dir_all(&packages).context("could not create a folder in target")?;
    let mut download = shell::program(
        "apt-get",
        ["download", "-q", &format!("postgresql-{major}")],
    );
    shell::step("download", download.current_dir(&packages))?;
    for package in fs::read_dir(&packages).context("could not read the download")? {
        let package = package.context("could not read the download")?.path();
        let mut unpack = shell::program(
            "dpkg",
            ["-x".as_ref(), package.as_os_str(), folder.as_os_str()],
        );
        shell::step("unpack", &mut unpack)?;
    }
    Ok(folder.join(format!("usr/lib/postgresql/{major}/bin")))
}

/// The newest major version that the distribution's packages have put on this machine.
fn installed_major() -> Option<u32> {
    let entries = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let majors = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    majors.max()
}

/// Looks where `underpin` itself looks; what this misses is found there all the same.
fn find() -> Option<PathBuf> {
    let configured = variable("UNDERPIN_POSTGRES_BIN").map(PathBuf::from);
    let path = variable("PATH").unwrap_or_default();
    let folders = configured
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(pg_config())
        .chain(known_folders());
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn pg_config() -> Option<PathBuf> {
    let output = shell::program("pg_config", ["--bindir"]).output().ok()?;
    String::from_utf8(output.stdout)
        .ok()
        .map(|folder| PathBuf::from(folder.trim()))
}

/// The folders of distributions, Homebrew and Postgres.app: `<parent>/<anything>/bin`.
fn known_folders() -> Vec<PathBuf> {
    let parents = [
        "/usr/lib/postgresql",
        "/usr/local",
        "/usr",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/Applications/Postgres.app/Contents/Versions",
    ];
    let entries = parents
        .iter()
        .filter_map(|parent| fs::read_dir(parent).ok())
        .flatten()
        .flatten();
    let mut folders: Vec<_> = entries
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.is_dir())
        .collect();
    folders.sort();
    folders.reverse();
    folders
}

fn install_package() -> anyhow::Result<()> {
    shell::say(
        "as root on a Debian-like system: installing it with apt-get; no cluster is made or started",
    );
    let config = Path::new(NO_MAIN_CLUSTER);
    fs::create_dir_all(config.parent().unwrap_or(Path::new("/")))
        .context("could not make a folder in /etc")?;
    fs::write(config, "create_main_cluster = false\n")
        .with_context(|| format!("could not write {NO_MAIN_CLUSTER}"))?;
    // One call for both; when there is no PgBouncer to be had, PostgreSQL alone.
    let installed = install(&["postgresql", "pgbouncer"]).or_else(|_| install(&["postgresql"]));
    fs::remove_file(config).with_context(|| format!("could not remove {NO_MAIN_CLUSTER}"))?;
    installed?;
    if find().is_none() {
        bail!(
            "the package `postgresql` is installed, but its binaries are not where Debian puts them"
        );
    }
    Ok(())
}

/// Installs packages with apt-get; no service of theirs is started.
fn install(packages: &[&str]) -> anyhow::Result<()> {
    let _no_service = NoService::new()?;
    let apt = |arguments: &[&str]| {
        let mut command = shell::program("apt-get", arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        shell::say(format_args!("$ apt-get {}", arguments.join(" ")));
        shell::run(&mut command)
    };
    apt(&["update", "-q"])?;
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

/// While it lives, installing a package starts no service: Debian's scripts ask `policy-rc.d`, 101 is its "no".
struct NoService {
    is_ours: bool,
}

impl NoService {
    fn new() -> anyhow::Result<Self> {
        let is_ours = !Path::new(POLICY).exists();
        if is_ours {
            fs::write(POLICY, "#!/bin/sh\nexit 101\n")
                .and_then(|()| fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755)))
                .with_context(|| format!("could not write {POLICY}"))?;
        }
        Ok(Self { is_ours })
    }
}

impl Drop for NoService {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = fs::remove_file(POLICY);
        }
    }
}

fn is_debian_like() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn is_root() -> bool {
    shell::output(&mut shell::program("id", ["-u"])).is_ok_and(|uid| uid.trim() == "0")
}

#[expect(
    clippy::disallowed_methods,
    reason = "asks about the machine, not for a setting of the product"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

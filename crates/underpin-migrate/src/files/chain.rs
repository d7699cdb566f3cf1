//! A chain: a named, ordered set of migrations, from a folder or embedded in the program.

use super::found::{Found, embedded_in, found_in};
use super::hook::{self, SqlHook};
use super::name::FileName;
use super::repeatable::{self, Repeatable};
use super::{Direction, Migration, Script, Version, sum};
use crate::Error;
use crate::data::DataMigration;
use include_dir::Dir;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// Longest name of a chain.
const NAME_LENGTH_MAX: usize = 60;

/// Migrations in the order of their versions, under the name by which the ledger knows them.
///
/// One database may carry several chains: Underpin's own tables are `underpin`, a service's are usually `app`.
/// Cloning is cheap.
///
/// ```
/// use underpin_migrate::Chain;
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("20240501120000_notes.up.sql"), "CREATE TABLE notes (id uuid PRIMARY KEY);")?;
///
/// let chain = Chain::from_dir("app", folder.path())?;
/// assert_eq!(chain.migrations().len(), 1);
///
/// std::fs::write(folder.path().join("notes.sql"), "SELECT 1")?;
/// let error = Chain::from_dir("app", folder.path()).unwrap_err();
/// assert!(error.to_string().contains("notes.sql"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chain {
    name: Arc<str>,
    place: Arc<str>,
    embedded: bool,
    migrations: Arc<[Arc<Migration>]>,
    repeatables: Arc<[Arc<Repeatable>]>,
    hooks: Arc<[Arc<SqlHook>]>,
}

impl Chain {
    /// Reads a folder of `<YYYYMMDDHHMMSS>_<slug>.up.sql` and `.down.sql` files, the files of `repeatable` and `hooks` in it,
    /// and holds them against its [sum file](super::write_sum) when there is one.
    ///
    /// Hidden files, other sub-folders and files that are not `.sql` are left alone; [`unread_folders`](super::unread_folders)
    /// names sub-folders that hold SQL. Statements are parsed later, when they are needed.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] without the folder, [`ErrorKind::Io`] when it cannot be read, and
    /// [`ErrorKind::InvalidInput`], naming the file, for: a bad file name, a version used twice, a down file without
    /// its up file, text that is not UTF-8, an empty file, a wrong option, a parent that is not there.
    /// [`ErrorKind::HistoryConflict`] when the files are not those of its sum file.
    pub fn from_dir(name: &str, folder: &Path) -> Result<Self, Error> {
        let chain = Self::unsummed(name, folder)?;
        sum::check(folder, &chain)?;
        Ok(chain)
    }

    /// Reads a folder whatever its sum file says.
    pub(crate) fn unsummed(name: &str, folder: &Path) -> Result<Self, Error> {
        let shown = folder.display().to_string();
        let chain = Self::assemble(name, shown, false, found_in(folder)?)?;
        let beside = |name| {
            let folder = folder.join(name);
            match folder.is_dir() {
                true => found_in(&folder),
                false => Ok(Vec::new()),
            }
        };
        chain.with_files_beside(beside(repeatable::FOLDER)?, beside(hook::FOLDER)?)
    }

    /// Reads a folder that was embedded with `include_dir!`. Its sum file is not looked at: nobody can change the files any more.
    ///
    /// # Errors
    /// As [`from_dir`](Self::from_dir), without the errors of the file system and of the sum file.
    pub fn embedded(name: &str, folder: &Dir<'static>) -> Result<Self, Error> {
        let place = String::from("<built in>");
        let chain = Self::assemble(name, place, true, embedded_in(folder))?;
        let beside = |name| {
            let found = folder.dirs().find(|it| it.path().ends_with(name));
            found.map_or_else(Vec::new, embedded_in)
        };
        chain.with_files_beside(beside(repeatable::FOLDER), beside(hook::FOLDER))
    }

    /// Adds a migration that is written in Rust, in its place among the others.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the chain has its version already.
    pub fn with_data_migration(mut self, migration: DataMigration) -> Result<Self, Error> {
        let (version, slug) = (migration.version, migration.slug.clone());
        let (up, down) = migration.into_scripts()?;
        let before = self.migrations.partition_point(|it| it.version < version);
        if let Some(twin) = self.get(version) {
            return Err(duplicate(version, &twin.up, &up));
        }
        let mut migrations = self.migrations.to_vec();
        migrations.insert(
            before,
            Arc::new(Migration {
                version,
                slug,
                up,
                down,
            }),
        );
        self.migrations = migrations.into();
        Ok(self)
    }

    /// The name by which the ledger knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder, or `<built in>`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Its migrations, oldest first.
    #[must_use]
    pub fn migrations(&self) -> &[Arc<Migration>] {
        &self.migrations
    }

    /// The files that are run again whenever their content changes, in the order of their names.
    #[must_use]
    pub fn repeatables(&self) -> &[Arc<Repeatable>] {
        &self.repeatables
    }

    /// The files that are run around migrations.
    #[must_use]
    pub fn hooks(&self) -> &[Arc<SqlHook>] {
        &self.hooks
    }

    pub(crate) fn hook(&self, name: &str) -> Option<&SqlHook> {
        let found = self.hooks.iter().find(|it| it.name == name);
        found.map(Arc::as_ref)
    }

    /// The migration of a version.
    #[must_use]
    pub fn get(&self, version: Version) -> Option<&Arc<Migration>> {
        let found = self
            .migrations
            .binary_search_by_key(&version, |it| it.version);
        found.ok().map(|index| &self.migrations[index])
    }

    /// The migrations before a version. Repeatable files have no place among them.
    #[must_use]
    pub fn before(&self, version: Version) -> Self {
        self.only(|it| it < version).without_repeatables()
    }

    /// The migrations up to a version, included.
    pub(crate) fn through(&self, version: Version) -> Self {
        self.only(|it| it <= version).without_repeatables()
    }

    pub(crate) fn without_repeatables(&self) -> Self {
        Self {
            repeatables: Arc::default(),
            ..self.clone()
        }
    }

    /// The same on a scratch database, where nobody asks for what is done around migrations.
    pub(crate) fn without_hooks(&self) -> Self {
        Self {
            hooks: Arc::default(),
            ..self.clone()
        }
    }

    /// The same chain with some of its migrations.
    pub(crate) fn only(&self, keep: impl Fn(Version) -> bool) -> Self {
        let kept = self.migrations.iter().filter(|it| keep(it.version));
        Self {
            migrations: kept.cloned().collect(),
            ..self.clone()
        }
    }

    /// The same chain with other texts of its files, in the order in which they run. What is written in Rust stays.
    pub(crate) fn with_texts(
        &self,
        mut text: impl FnMut(&Script) -> Result<String, Error>,
    ) -> Result<Self, Error> {
        let mut other = |script: &Script| match script.work() {
            Some(work) => Script::read(Arc::from(script.file()), script.text().as_bytes())
                .map(|it| it.done_by(work.clone())),
            None => Script::read(Arc::from(script.file()), text(script)?.as_bytes()),
        };
        let mut migrations = Vec::with_capacity(self.migrations.len());
        for migration in self.migrations.iter() {
            migrations.push(Arc::new(Migration {
                version: migration.version,
                slug: migration.slug.clone(),
                up: other(&migration.up)?,
                down: migration.down.as_ref().map(&mut other).transpose()?,
            }));
        }
        let mut repeatables = Vec::with_capacity(self.repeatables.len());
        for repeatable in self.repeatables.iter() {
            repeatables.push(Arc::new(Repeatable {
                name: repeatable.name.clone(),
                script: other(&repeatable.script)?,
            }));
        }
        Ok(Self {
            migrations: migrations.into(),
            repeatables: repeatables.into(),
            ..self.clone()
        })
    }

    /// Its files, by the names that they have in the folder.
    pub(super) fn files(&self) -> impl Iterator<Item = (String, &Script)> {
        let pairs = self.migrations.iter();
        let pairs = pairs.flat_map(|it| [Some(&it.up), it.down.as_ref()]);
        let pairs = pairs.flatten().map(|script| (script.file_name(), script));
        let repeatables = self
            .repeatables
            .iter()
            .map(|it| (repeatable::FOLDER, &it.script));
        let hooks = self.hooks.iter().map(|it| (hook::FOLDER, &it.script));
        let beside = repeatables
            .chain(hooks)
            .map(|(folder, script)| (format!("{folder}/{}", script.file_name()), script));
        pairs.chain(beside)
    }

    /// Was it compiled in? An older program then meets the ledger of a newer one during every rolling deploy.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded
    }

    fn assemble(
        name: &str,
        place: String,
        embedded: bool,
        files: Vec<Found>,
    ) -> Result<Self, Error> {
        check_name(name)?;
        let mut ups: BTreeMap<Version, (FileName, Script)> = BTreeMap::new();
        let mut downs: BTreeMap<Version, (FileName, Script)> = BTreeMap::new();
        let mut files = files;
        // Folders are read in any order; errors are to be the same each time.
        files.sort_by(|one, other| one.name.cmp(&other.name));
        for found in files {
            let (name, script) = found.read()?;
            let side = match name.direction {
                Direction::Up => &mut ups,
                Direction::Down => &mut downs,
            };
            if let Some((_, twin)) = side.get(&name.version) {
                return Err(duplicate(name.version, twin, &script));
            }
            side.insert(name.version, (name, script));
        }
        let mut migrations = Vec::with_capacity(ups.len());
        for (version, (name, up)) in ups {
            let down = match downs.remove(&version) {
                Some((down, script)) if down.slug != name.slug => {
                    return Err(other_slug(&script, &up));
                }
                down => down.map(|(_, script)| script),
            };
            migrations.push(Arc::new(Migration {
                version,
                slug: name.slug,
                up,
                down,
            }));
        }
        if let Some((_, (_, down))) = downs.first_key_value() {
            return Err(down_without_up(down));
        }
        let chain = Self {
            name: Arc::from(name),
            place: Arc::from(place),
            embedded,
            migrations: migrations.into(),
            repeatables: Arc::default(),
            hooks: Arc::default(),
        };
        chain.check_parents()?;
        chain.check_replaced()?;
        Ok(chain)
    }

    fn with_files_beside(
        mut self,
        mut repeatables: Vec<Found>,
        mut hooks: Vec<Found>,
    ) -> Result<Self, Error> {
        for files in [&mut repeatables, &mut hooks] {
            files.sort_by(|one, other| one.name.cmp(&other.name));
        }
        let repeatables = repeatables.into_iter().map(|found| {
            let Found { name, file, bytes } = found;
            Repeatable::read(&name, file, &bytes).map(Arc::new)
        });
        self.repeatables = repeatables.collect::<Result<_, _>>()?;
        let hooks = hooks.into_iter().map(|found| {
            let Found { name, file, bytes } = found;
            SqlHook::read(&name, file, &bytes).map(Arc::new)
        });
        self.hooks = hooks.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The migration that a version was squashed into; itself, when it was not.
    fn standing_for(&self, version: Version) -> Version {
        let mut squashed = self.migrations.iter();
        let found = squashed.find(|it| it.up.header().replaces.contains(&version));
        found.map_or(version, |it| it.version)
    }

    /// What was squashed is not there any more, but for the last version, which the squashed file has.
    fn check_replaced(&self) -> Result<(), Error> {
        for migration in self.migrations.iter() {
            let file = migration.up.file();
            for replaced in &migration.up.header().replaces {
                let (wrong, hint) = match self.get(*replaced) {
                    _ if *replaced > migration.version => (
                        format!("{file} replaces {replaced}, which is newer"),
                        "a squashed file has the version of the last that it replaces",
                    ),
                    Some(twin) if *replaced != migration.version => (
                        format!(
                            "{file} replaces {replaced}, and {} is still there",
                            twin.up.file()
                        ),
                        "remove the old file, or the squashed one when it is not to be used yet",
                    ),
                    _ => continue,
                };
                return Err(Error::new(ErrorKind::InvalidInput, wrong).with_hint(hint));
            }
        }
        Ok(())
    }

    fn check_parents(&self) -> Result<(), Error> {
        for migration in self.migrations.iter() {
            for parent in &migration.up.header().parents {
                let wrong = if *parent >= migration.version {
                    "is not older than this file"
                } else if self.get(self.standing_for(*parent)).is_none() {
                    "is not in the folder"
                } else {
                    continue;
                };
                let message = format!("{}: parent {parent} {wrong}", migration.up.file());
                return Err(Error::new(ErrorKind::InvalidInput, message)
                    .with_hint("name the version of the migration that this one follows"));
            }
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    if (1..=NAME_LENGTH_MAX).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!("{name:?} is no name for a chain"),
    )
    .with_hint("use up to 60 lower-case letters, digits, _ and -, as in app"))
}

fn duplicate(version: Version, one: &Script, other: &Script) -> Error {
    let message = format!(
        "version {version} is used twice: {} and {}",
        one.file(),
        other.file()
    );
    Error::new(ErrorKind::InvalidInput, message).with_hint(
        "give the newer one, with its down file, a later version; change none that was applied",
    )
}

fn other_slug(down: &Script, up: &Script) -> Error {
    let message = format!(
        "{} and {} have one version and two names",
        up.file(),
        down.file()
    );
    Error::new(ErrorKind::InvalidInput, message).with_hint("rename the down file after the up file")
}

fn down_without_up(down: &Script) -> Error {
    let message = format!("{} has no .up.sql beside it", down.file());
    Error::new(ErrorKind::InvalidInput, message).with_hint(
        "restore the up file, or remove the down file when the migration was never applied",
    )
}

#[cfg(test)]
mod tests;

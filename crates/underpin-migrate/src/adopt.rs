//! Takes over a database and a folder of migrations from another tool, which may go on beside.
//!
//! The tool is known by its history table. Its files are copied into our layout, or used as they are when they are in it;
//! what it has applied is recorded in our ledger, with its own dates, and nothing is run. Its files and its table are read
//! and never written. Done again, it takes over what the tool has applied since.
//!
//! Versions keep the tool's order: a number of up to fourteen digits stays that number, a dotted one becomes five and three
//! times three digits. The first line of a copy says what it is a copy of, and so keeps its version.

mod baseline;
mod clean;
mod configured;
mod history;
mod layout;
mod left;
mod number;
mod project;
mod tool;

pub use tool::Tool;

pub(crate) use left::left;

use crate::files::{self, Chain, Version};
use crate::ledger::{self, RecordState};
use crate::{Error, Migrator};
use history::{Applied, Table};
use jiff::Timestamp;
use project::{Change, Project};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;
use underpin_pool::{Options, Session};

/// What is to be taken over, and to where.
#[derive(Debug, Clone)]
pub struct Request {
    /// The name of the chain that it becomes.
    pub chain: String,
    /// The tool; needed only when several have been at work.
    pub tool: Option<Tool>,
    /// The folder of its migrations; where its settings say (`alembic.ini`, `diesel.toml`, `flyway.conf`) or the tool usually
    /// has it, when none is named.
    pub source: Option<PathBuf>,
    /// The folder of our migrations. May be the same when the tool's layout is ours: that of sqlx and golang-migrate with
    /// versions of 14 digits.
    pub folder: PathBuf,
    /// Write nothing, neither files nor rows.
    pub dry_run: bool,
}

/// What was taken over, or would be.
#[derive(Debug, Clone, Serialize)]
pub struct Adoption {
    /// From which tool.
    pub tool: Tool,
    /// Its history table.
    pub table: String,
    /// The folder of its migrations.
    pub source: PathBuf,
    /// The folder of ours.
    pub folder: PathBuf,
    /// Are its files used as they are?
    pub in_place: bool,
    /// Its migrations, oldest first.
    pub migrations: Vec<Adopted>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// One migration that was taken over.
#[derive(Debug, Clone, Serialize)]
pub struct Adopted {
    /// Its version here.
    pub version: Version,
    /// Its name here.
    pub slug: String,
    /// The tool's file.
    pub from: String,
    /// Has the tool applied it?
    pub applied: bool,
    /// When, where the tool keeps that.
    pub applied_at: Option<Timestamp>,
    /// Was it recorded in the ledger now? False when it was before.
    pub recorded: bool,
    /// Is it applied by our ledger now? Also true for what our runner has applied and the tool does not know.
    pub applied_here: bool,
    /// The files that were written now; that would be, of a dry run.
    pub written: Vec<PathBuf>,
}

/// Takes over what another tool has applied: writes copies of its files where needed, and records them as applied.
///
/// # Errors
/// [`ErrorKind::NotFound`] without a history or without files; [`ErrorKind::Refused`] when it is not clear which tool is
/// meant, when the tool says that a migration ended half-way, when the role would find the ledger's schema before the tool's, or when SQL of a pending one cannot be had;
/// [`ErrorKind::HistoryConflict`] when an applied file is missing or was changed; [`ErrorKind::InvalidInput`], naming the
/// copy, for a file that the runner could not run; [`ErrorKind::Config`] when copies would go into the tool's own folder.
///
/// # Cancel safety
/// May be dropped at any point: copies may be there by then and none be recorded; doing it again goes on.
///
/// # Locks
/// The migration lock, as [`Migrator::up`]; on the tool's table `ACCESS SHARE`, for a moment.
///
/// # Example
/// ```no_run
/// use underpin_migrate::adopt::{Request, adopt};
///
/// # async fn example(options: underpin_pool::Options) -> Result<(), underpin_migrate::Error> {
/// let request = Request {
///     chain: "app".into(),
///     tool: None,
///     source: Some("db/migrations".into()),
///     folder: "migrations".into(),
///     dry_run: true,
/// };
/// let adoption = adopt(&options, &request).await?;
/// assert!(adoption.migrations.iter().all(|it| !it.recorded));
/// # Ok(()) }
/// ```
pub async fn adopt(options: &Options, request: &Request) -> Result<Adoption, Error> {
    let session = Session::connect(options).await.map_err(|error| {
        Error::caused_by(
            "could not open a connection to take over from another tool",
            error,
        )
    })?;
    history::check_search_path(&session).await?;
    let table = history::find(&session, request.tool).await?;
    let rows = history::read(&session, &table).await?;
    session.close();
    let source = layout::source(table.tool, request)?;
    let mut project = table.tool.format().read(&source)?;
    if project.changes.is_empty() {
        let message = format!("{} holds no migration of {}", source.display(), table.tool);
        return Err(
            Error::new(ErrorKind::NotFound, message).with_hint("name their folder with --source")
        );
    }
    let rows = table.tool.format().applied(rows, &mut project)?;
    let applied = history::matched(table.tool, rows, &project)?;
    let in_place = layout::is_in_place(&source, request, &project)?;
    let taken = Taken {
        table,
        source,
        project,
        applied,
        in_place,
    };
    taken.over(options, request).await
}

/// What was found, on its way to us.
struct Taken {
    table: Table,
    source: PathBuf,
    project: Project,
    applied: Applied,
    in_place: bool,
}

impl Taken {
    async fn over(mut self, options: &Options, request: &Request) -> Result<Adoption, Error> {
        files::check_if_summed(&request.folder)?;
        let recorded = layout::recorded(&request.folder, self.table.tool)?;
        self.complete(options, &recorded).await?;
        let versions = number::number(&self.project.changes, &recorded)?;
        let mut migrations = Vec::with_capacity(versions.len());
        for (change, version) in self.project.changes.clone().iter().zip(versions) {
            let is_there = self.in_place || recorded.contains_key(&change.name);
            let written = if is_there {
                Vec::new()
            } else {
                self.copy(change, version, request)?
            };
            migrations.push(self.adopted(change, version, written));
        }
        let stamped = self.record(options, request, &migrations).await?;
        let here = applied_here(options, &request.chain).await?;
        for it in &mut migrations {
            it.recorded = stamped.contains(&it.version);
            it.applied_here = here.contains(&it.version);
        }
        Ok(Adoption {
            tool: self.table.tool,
            table: self.table.name.to_string(),
            source: self.source,
            folder: request.folder.clone(),
            in_place: self.in_place,
            migrations,
            notes: self.project.notes,
        })
    }

    /// Finds SQL for the migrations that are programs.
    async fn complete(
        &mut self,
        options: &Options,
        recorded: &BTreeMap<String, Version>,
    ) -> Result<(), Error> {
        let is_new = |it: &Change| !recorded.contains_key(&it.name);
        if self.table.tool == Tool::Alembic && self.project.changes.iter().any(is_new) {
            tool::take_alembic_sql(&self.source, &mut self.project).await;
        }
        let Self {
            table,
            project,
            applied,
            ..
        } = self;
        baseline::stand_in(options, table, project, applied, recorded).await
    }

    fn copy(
        &mut self,
        change: &Change,
        version: Version,
        request: &Request,
    ) -> Result<Vec<PathBuf>, Error> {
        let (copies, framed) = layout::copies(self.table.tool, &request.folder, change, version);
        // Alembic's own printing has the frame, not its files.
        if framed && self.table.tool != Tool::Alembic {
            self.project.notes.push(format!(
                "{}: BEGIN and COMMIT are left out of the copy, the runner decides about transactions",
                change.name
            ));
        }
        if request.dry_run {
            copies.iter().try_for_each(layout::Copy::check)?;
        } else {
            make_folder(&request.folder)?;
            copies.iter().try_for_each(layout::Copy::write)?;
        }
        Ok(copies.into_iter().map(|it| it.path).collect())
    }

    fn adopted(&self, change: &Change, version: Version, written: Vec<PathBuf>) -> Adopted {
        let applied = self.applied.get(&change.key);
        Adopted {
            version,
            slug: change.slug.clone(),
            from: change.name.clone(),
            applied: applied.is_some(),
            applied_at: applied.copied().flatten(),
            recorded: false,
            applied_here: false,
            written,
        }
    }

    /// Reads our folder as the runner does, and records what is applied.
    async fn record(
        &self,
        options: &Options,
        request: &Request,
        migrations: &[Adopted],
    ) -> Result<BTreeSet<Version>, Error> {
        if request.dry_run {
            return Ok(BTreeSet::new());
        }
        let chain = Chain::unsummed(&request.chain, &request.folder)?;
        for migration in chain.migrations() {
            migration
                .up
                .statements()
                .map_err(|error| self.unrunnable(error))?;
        }
        files::update_sum(&request.folder)?;
        let applied = migrations.iter().filter(|it| it.applied);
        let applied = applied.map(|it| (it.version, it.applied_at)).collect();
        let ran = Migrator::new(options.clone(), chain)
            .record_adopted(&applied)
            .await?;
        Ok(ran.into_iter().map(|it| it.version).collect())
    }

    /// A file that the tool could run and we cannot.
    fn unrunnable(&self, error: Error) -> Error {
        let hint = if self.in_place {
            "name another folder with --dir: copies go there, and may be changed"
        } else {
            "change this copy, the tool's own file stays as it is; then adopt again"
        };
        Error::caused_by("a migration was taken over that cannot be run here", error)
            .with_hint(hint)
    }
}

/// What our ledger calls applied.
async fn applied_here(options: &Options, chain: &str) -> Result<BTreeSet<Version>, Error> {
    let session = Session::connect(options).await.map_err(|error| {
        Error::caused_by("could not open a connection to read the ledger", error)
    })?;
    let ledger = ledger::read(&session, chain).await?.unwrap_or_default();
    session.close();
    let records = ledger.migrations.iter();
    let applied = records.filter(|(_, it)| it.state == RecordState::Applied);
    Ok(applied.map(|(version, _)| *version).collect())
}

fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| {
        Error::new(
            ErrorKind::Io,
            format!("could not make {}", folder.display()),
        )
        .with_source(error)
    })
}

//! A schema in a database of its own, whatever it came from.

use super::aside::{Aside, needed_by, with_dependants, without};
use super::beyond::Beyond;
use super::explain::differing;
use super::guard::Guard;
use super::scratch::{Scratch, connect, failed};
use super::source::{Source, SqlFile};
use super::unsaid::is_of_models;
use crate::Error;
use crate::files::Chain;
use crate::loss::QUARANTINE;
use crate::sql;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use underpin_core::{Chain as Causes, ErrorKind};
use underpin_pool::{Database, Isolation, Options, Session, TransactionOptions};
use underpin_schema::{
    Catalog, Facts, Object, Owners, QualifiedName, Schema, Scope, Statement, create_sql,
};

/// Where the ledger is, which is not the user's.
const LEDGER_SCHEMA: &str = "underpin";

/// A schema names at most this many roles and extensions that are not there yet.
const RETRIES_MAX: usize = 256;

/// A schema as PostgreSQL has it.
#[derive(Debug)]
pub(super) struct Materialised {
    /// The database it is in.
    pub(super) options: Options,
    /// What was read from there, with what it stands for, as far as it is compared.
    pub(super) catalog: Arc<Catalog>,
    /// The owners as the database itself has them.
    pub(super) owners: Owners,
    /// What it stands for has, and the database itself has not.
    beside: Beside,
    /// What the source has beyond what is compared.
    pub(super) beyond: Beyond,
    aside: Aside,
    /// All that the live database has of which this is a copy.
    live: Option<Catalog>,
}

/// What a live database has and its copy has not.
#[derive(Debug, Clone, Default)]
struct Beside {
    /// Are the owners in the copy those of the live database?
    has_owners: bool,
    /// The role that reads the live database.
    reader: Option<String>,
    invalid_indexes: BTreeSet<QualifiedName>,
    unpopulated: BTreeSet<QualifiedName>,
}

impl Beside {
    fn of(live: &Catalog, has_owners: bool) -> Self {
        Self {
            has_owners,
            reader: live.owners.reader().map(str::to_owned),
            invalid_indexes: live.invalid_indexes.clone(),
            unpopulated: live.unpopulated.clone(),
        }
    }
}

impl Materialised {
    fn new(
        (options, found): (Options, Catalog),
        beside: Beside,
        (beyond, aside, live): (Beyond, Aside, Option<Catalog>),
    ) -> Self {
        let mut at = Self {
            options,
            catalog: Arc::default(),
            owners: Owners::default(),
            beside,
            beyond,
            aside,
            live,
        };
        at.stand_for(found);
        at
    }

    /// Reads it again on the session that changed it, which knows its tables already: a new one would look each up.
    pub(super) async fn read_again(&mut self, session: &mut Session) -> Result<(), Error> {
        let transaction = session.begin_with(TransactionOptions {
            isolation: Some(Isolation::RepeatableRead),
            read_only: true,
            deferrable: false,
        });
        let found = Catalog::read_in_txn(&transaction, &scope()).await;
        let found = found.map_err(unreadable)?;
        transaction.commit().await.map_err(failed)?;
        self.stand_for(found);
        Ok(())
    }

    /// In a temporary database everything belongs to whoever fills it, unless a statement says otherwise. The copy of a live
    /// database has the owners of that.
    fn stand_for(&mut self, mut found: Catalog) {
        self.owners = found.owners.clone();
        let beside = &self.beside;
        found.owners = match beside.has_owners {
            true => found.owners.with_reader(beside.reader.as_deref()),
            false => found.owners.given(),
        };
        found.invalid_indexes = beside.invalid_indexes.clone();
        found.unpopulated = beside.unpopulated.clone();
        let unmodelled = std::mem::take(&mut found.schema.unmodelled);
        if self.live.is_none() && self.aside.is_empty() {
            self.beyond.set_unmodelled(unmodelled);
        }
        if !self.aside.is_empty() {
            found = without(&found, &self.aside);
        }
        self.catalog = Arc::new(found);
    }

    /// It stands for this now, after the way to it was gone.
    pub(super) fn arrived_at(&mut self, goal: &Catalog) {
        self.beside.invalid_indexes = goal.invalid_indexes.clone();
        self.beside.unpopulated = goal.unpopulated.clone();
        let mut catalog = Catalog::clone(&self.catalog);
        catalog.invalid_indexes = goal.invalid_indexes.clone();
        catalog.unpopulated = goal.unpopulated.clone();
        self.catalog = Arc::new(catalog);
    }

    /// A session of its own.
    pub(super) async fn session(&self) -> Result<Session, Error> {
        connect(&self.options).await
    }

    /// All that was read, what has no facts too.
    pub(super) fn into_whole(self) -> Catalog {
        let mut catalog = Arc::unwrap_or_clone(self.catalog);
        catalog.schema.unmodelled = self.beyond.into_unmodelled();
        catalog
    }

    /// Compares these objects no further, nor what needs them.
    fn set_aside(&mut self, objects: &Aside) {
        let all = with_dependants(&self.catalog, objects);
        self.leave_out(all.difference(&self.aside).cloned().collect());
    }

    /// Lets what is needed by something that no plan drops stay, where the goal does not have it.
    pub(super) fn keep_what_is_needed(&mut self, goal: &Schema) {
        let whole = self.live.as_ref().unwrap_or(&self.catalog);
        let mut kept = needed_by(whole, &self.aside);
        kept.extend(whole.needed_by_unmodelled.iter().cloned());
        // The columns of a table that stays are altered and dropped one by one, and PostgreSQL says what needs them.
        kept.retain(|it| !matches!(it, Object::Column(_) | Object::Default(_)) && !goal.has(it));
        self.leave_out(kept.difference(&self.aside).cloned().collect());
    }

    fn leave_out(&mut self, more: Aside) {
        if more.is_empty() {
            return;
        }
        self.beyond.add(&self.catalog, &more);
        self.catalog = Arc::new(without(&self.catalog, &more));
        self.aside.extend(more);
    }
}

/// What one side cannot have is not compared on the other side either.
pub(super) fn set_aside_on_both(one: &mut Materialised, other: &mut Materialised) {
    while one.aside != other.aside {
        let all = &one.aside | &other.aside;
        one.set_aside(&all);
        other.set_aside(&all);
    }
}

/// Writes a schema into an empty database and reads it back. Roles that it names are made; extensions of a live database
/// that the server cannot make are left out.
pub(super) async fn materialise(scratch: &Scratch, source: &Source) -> Result<Materialised, Error> {
    let live = match source {
        Source::Database(options) => Some(read(options).await?),
        _ => None,
    };
    let copied = live.as_ref().map(|live| scratch.copied(live));
    let owners = copied.iter().flat_map(|copy| copy.owners.iter());
    let owners: BTreeSet<String> = owners.map(|(_, owner)| owner.to_owned()).collect();
    for owner in &owners {
        scratch.create_role(owner).await?;
    }
    let mut left_out = BTreeMap::new();
    for _ in 0..RETRIES_MAX {
        let options = scratch.create().await?;
        let session = connect(&options).await?;
        let copy = copied.as_ref().map(|live| copyable(live, &left_out));
        let filled = match &copy {
            Some((copy, _)) => statements(&session, &copy.create_sql()).await,
            None => {
                let guard = &mut Guard::new(scratch);
                fill(&session, source, guard).await.map_err(Failure::from)
            }
        };
        drop(session);
        let Err(failure) = filled else {
            let mut beyond = Beyond::new(left_out, is_of_models(source));
            let mut catalog = read(&options).await?;
            let beside = live.as_ref().map(|it| Beside::of(it, scratch.has_owners()));
            let mut all_aside = Aside::new();
            if let Some((live, (copy, aside))) = live.as_ref().zip(copy) {
                catalog.schema.unmodelled = Facts::default();
                check_copy(&copy, &catalog)?;
                catalog.unknown_options.extend(copy.unknown_options);
                beyond.set_unmodelled(live.schema.unmodelled.clone());
                beyond.add(live, &aside);
                all_aside = aside;
            }
            return Ok(Materialised::new(
                (options, catalog),
                beside.unwrap_or_default(),
                (beyond, all_aside, live),
            ));
        };
        if let Some(role) = missing_role(&failure.error) {
            scratch.create_role(&role).await?;
        } else {
            let (name, why) = failure.into_extension()?;
            left_out.insert(name, why);
        }
    }
    Err(Error::new(
        ErrorKind::OutOfResources,
        format!("more than {RETRIES_MAX} roles and extensions are missing"),
    )
    .with_hint("create them on the scratch server first"))
}

/// What of a live database can be made elsewhere, and what is set aside: what needs something without facts, or an extension
/// that is left out.
fn copyable(live: &Catalog, left_out: &BTreeMap<String, String>) -> (Catalog, Aside) {
    let extensions = left_out.keys().map(|it| Object::Extension(it.clone()));
    let needing = live.needing_unmodelled.iter().cloned();
    let aside = with_dependants(live, &extensions.chain(needing).collect());
    let mut copy = without(live, &aside);
    copy.schema.unmodelled = Facts::default();
    (copy, aside)
}

async fn fill(session: &Session, source: &Source, guard: &mut Guard<'_>) -> Result<(), Error> {
    match source {
        Source::Models(schema, _) => made_all(session, &create_sql(schema)).await,
        Source::Files(files) => run_files(session, files, guard).await,
        Source::Migrations(chain) => {
            let scripts = chain.migrations().iter().map(|it| &it.up);
            let files: Vec<SqlFile> = scripts
                .map(|script| SqlFile::new(script.file(), script.text()))
                .collect();
            run_files(session, &files, guard).await?;
            run_repeatables(session, chain, guard).await
        }
        Source::Database(options) => made_all(session, &read(options).await?.create_sql()).await,
        Source::Several(sources) => {
            for source in sources {
                Box::pin(fill(session, source, guard)).await?;
            }
            Ok(())
        }
    }
}

/// Reads what is in a database, the ledger and what was kept from being lost aside.
///
/// # Errors
/// What the pool and the server report.
pub async fn read(options: &Options) -> Result<Catalog, Error> {
    let database = Database::lazy(options.clone()).map_err(failed)?;
    let catalog = Catalog::read(&database, &scope()).await;
    database.close().await;
    catalog.map_err(unreadable)
}

/// What is the user's.
fn scope() -> Scope {
    Scope::all().without(LEDGER_SCHEMA).without(QUARANTINE)
}

fn unreadable(cause: underpin_schema::Error) -> Error {
    Error::caused_by("a schema could not be read", cause)
}

async fn run_files(
    session: &Session,
    files: &[SqlFile],
    guard: &mut Guard<'_>,
) -> Result<(), Error> {
    for file in files {
        let text = guard.script(&file.name, &file.text)?;
        run_file(session, &file.name, &text).await?;
    }
    Ok(())
}

/// Runs repeatable files in whichever order works.
async fn run_repeatables(
    session: &Session,
    chain: &Chain,
    guard: &mut Guard<'_>,
) -> Result<(), Error> {
    let mut open = Vec::new();
    for repeatable in chain.repeatables() {
        let name: Arc<str> = Arc::from(repeatable.script.file());
        let text = guard.script(&name, repeatable.script.text())?;
        open.push((name, text));
    }
    while !open.is_empty() {
        let before = open.len();
        let mut postponed = Vec::new();
        let mut first_failure = None;
        for (name, text) in open {
            if let Err(error) = run_file(session, &name, &text).await {
                first_failure.get_or_insert(error);
                postponed.push((name, text));
            }
        }
        match first_failure {
            Some(error) if postponed.len() == before => return Err(error),
            _ => open = postponed,
        }
    }
    Ok(())
}

/// Runs a file at once; when that fails, statement by statement, to name the one that fails or because they may not share a
/// transaction.
async fn run_file(session: &Session, name: &Arc<str>, text: &str) -> Result<(), Error> {
    if let Some(sql) = sql::as_one(text)
        && session.batch(&sql).await.is_ok()
    {
        return Ok(());
    }
    let statements = sql::parse(name, text)?;
    session.batch("ROLLBACK").await.map_err(failed)?;
    for statement in statements {
        let done = match statement.rows() {
            Some(rows) => session.copy_text(statement.text(), rows).await.map(drop),
            None => session.batch(statement.text()).await,
        };
        if let Err(cause) = done
            && !(cause.code() == Some("42710") && makes_role(statement.text()))
        {
            let message = format!(
                "{}: the statement failed on the scratch server",
                statement.place()
            );
            let error = Error::caused_by(message, cause);
            return Err(match begins_with(statement.text(), ["create", "extension"]) {
                true => error.with_hint(
                    "the scratch server has to offer the extensions of the database: name one that does with --scratch, \
                     such as a server of the same image",
                ),
                false => error,
            });
        }
    }
    Ok(())
}

/// The role may be there from another run, or as that of the server.
fn makes_role(sql: &str) -> bool {
    ["role", "user", "group"]
        .iter()
        .any(|what| begins_with(sql, ["create", what]))
}

fn begins_with(sql: &str, words: [&str; 2]) -> bool {
    let first = sql.split_whitespace().take(2).map(str::to_lowercase);
    first.eq(words)
}

/// A statement that the scratch server refused.
struct Failure {
    error: Error,
    /// The extension that it was to make.
    extension: Option<String>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            extension: None,
        }
    }
}

impl Failure {
    /// The extension that the server cannot make, and why; else the error.
    fn into_extension(self) -> Result<(String, String), Error> {
        let Self { error, extension } = self;
        let cause = std::error::Error::source(&error);
        let cause = cause.and_then(|it| it.downcast_ref::<underpin_pool::Error>());
        match extension.zip(cause.filter(|it| it.server().is_some())) {
            Some((name, cause)) => {
                let why = format!(
                    "the scratch server cannot make it ({}); name one that has it with --scratch",
                    Causes(cause)
                );
                Ok((name, why))
            }
            None => Err(error),
        }
    }
}

async fn made_all(session: &Session, all: &[Statement]) -> Result<(), Error> {
    statements(session, all).await.map_err(|it| it.error)
}

async fn statements(session: &Session, statements: &[Statement]) -> Result<(), Failure> {
    let whole: String = statements
        .iter()
        .map(|it| format!("{};\n", it.sql))
        .collect();
    if session.batch(&whole).await.is_ok() {
        return Ok(());
    }
    session.batch("ROLLBACK").await.map_err(failed)?;
    for statement in statements {
        session.batch(&statement.sql).await.map_err(|cause| {
            let object = &statement.object;
            let message = format!("{object} could not be made on the scratch server");
            let extension = match object {
                Object::Extension(name) => Some(name.clone()),
                _ => None,
            };
            Failure {
                error: Error::caused_by(message, cause),
                extension,
            }
        })?;
    }
    Ok(())
}

/// The role for want of which something failed.
pub(crate) fn missing_role(error: &Error) -> Option<String> {
    absent_role(std::error::Error::source(error)?.downcast_ref()?)
}

/// The routines of PostgreSQL that look for a role by its name. They tell in every language that it is one.
const ROLE_LOOKUPS: &[&str] = &[
    "get_role_oid",
    "get_rolespec_oid",
    "get_rolespec_tuple",
    "DropRole",
    "RenameRole",
];
/// What stands before and behind a name in the languages of PostgreSQL's messages; French puts spaces between.
const QUOTES: &[char] = &['"', '»', '«', '„', '“', '”'];

/// The role that PostgreSQL did not find.
pub(crate) fn absent_role(cause: &underpin_pool::Error) -> Option<String> {
    let report = cause.server().filter(|report| report.code == "42704")?;
    let routine = report.routine.as_deref()?;
    let name = quoted(&report.message).filter(|_| ROLE_LOOKUPS.contains(&routine))?;
    Some(name.replace("\"\"", "\""))
}

/// The name in a message that has only one.
fn quoted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(QUOTES)?;
    let (name, _) = rest.rsplit_once(QUOTES)?;
    Some(name.trim_matches([' ', '\u{a0}', '\u{202f}']))
}

/// A live database must be the same as its copy, or what is told about it would be wrong.
fn check_copy(live: &Catalog, copy: &Catalog) -> Result<(), Error> {
    let Some(difference) = differing(live, copy) else {
        return Ok(());
    };
    let message = format!("the database cannot be copied exactly; {difference}");
    Err(Error::new(ErrorKind::Unsupported, message)
        .with_hint("this is a limit of Underpin: please report the object that differs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_found_in_messages_of_every_language() {
        for message in [
            r#"role "o'brien" does not exist"#,
            "Rolle »o'brien« existiert nicht",
            "le rôle « o'brien » n'existe pas",
            "no existe el rol «o'brien»",
            "ロール\"o'brien\"は存在しません",
        ] {
            assert_eq!(quoted(message), Some("o'brien"), "{message}");
        }
        assert_eq!(quoted("nothing"), None);
    }
}

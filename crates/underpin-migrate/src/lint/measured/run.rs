//! Runs a file on a scratch server and looks after each statement.

use super::{Measured, MeasuredStatement, MeasuredTable, alone};
use crate::Error;
use crate::diff::{Guard, Scratch, Source, absent_role, made};
use crate::files::Version;
use crate::sql::{Class, Statement, TableLock, parse};
use std::collections::BTreeMap;
use std::sync::Arc;
use underpin_core::Chain as ErrorChain;
use underpin_pool::{Options, Session};

/// One statement names at most this many roles that are not there yet.
const ROLES_MAX: usize = 16;

const RELATIONS: &str = "\
SELECT c.oid, n.nspname::text, c.relname::text, coalesce(pg_relation_filenode(c.oid), 0)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

const LOCKS: &str = "\
SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted";

/// Runs files one after the other, in a database that has what they need.
#[derive(Debug)]
pub struct Measuring<'a> {
    scratch: &'a Scratch,
    /// The database in which the file of this version was run last.
    last: Option<(Version, Options)>,
}

type Relations = BTreeMap<u32, (MeasuredTable, u32)>;

impl<'a> Measuring<'a> {
    /// On this server.
    #[must_use]
    pub fn new(scratch: &'a Scratch) -> Self {
        Self {
            scratch,
            last: None,
        }
    }

    /// Runs a file and tells what it did. A statement that fails ends it, and is told.
    ///
    /// `before` makes what the file needs; `version` and `predecessor` are its place in a folder, when it has one: files of a
    /// folder that follow each other are run in one database.
    ///
    /// # Errors
    /// When what the file needs cannot be made, or the server cannot be asked.
    ///
    /// # Cancel safety
    /// A dropped future leaves scratch databases behind; the next use of the server as [`Scratch`] removes them after an
    /// hour.
    pub async fn run(
        &mut self,
        file: &str,
        text: &str,
        (version, predecessor): (Option<Version>, Option<Version>),
        before: impl FnOnce() -> Result<Source, Error>,
    ) -> Result<Measured, Error> {
        let last = self.last.take();
        let mut options = match last.filter(|(last, _)| Some(*last) == predecessor) {
            Some((_, options)) => options,
            None => made(self.scratch, &before()?).await?,
        };
        // What is measured may deallocate what is prepared on the session that is asked about it.
        options.pool.statement_cache = 0;
        let mut session = Session::connect(&options).await.map_err(unmeasured)?;
        let relations = relations(&session).await?;
        let mut measured = Measured::default();
        let file: Arc<str> = Arc::from(file);
        let text = Guard::new(self.scratch).script(&file, text)?;
        for statement in parse(&file, &text)? {
            let found = self
                .statement((&options, &mut session), &statement, &relations)
                .await?;
            let failed = found.failed.is_some();
            measured.statements.push(found);
            if failed {
                return Ok(measured);
            }
        }
        self.last = version.map(|version| (version, options));
        Ok(measured)
    }

    async fn statement(
        &self,
        (options, session): (&Options, &mut Session),
        statement: &Statement,
        before: &Relations,
    ) -> Result<MeasuredStatement, Error> {
        let start = relations(session).await?;
        let mut locks = Vec::new();
        let mut done = Ok(());
        for _ in 0..ROLES_MAX {
            done = match statement.class() {
                Class::Transactional => in_transaction(session, statement, &mut locks).await,
                Class::Setting => session.batch(statement.text()).await,
                Class::Alone => {
                    let is_vacuum = statement.kind().as_deref() == Some("VACUUM");
                    alone::run((options, session), statement.text(), is_vacuum, &mut locks).await
                }
            };
            let missing = done.as_ref().err().and_then(absent_role);
            match missing {
                Some(role) => self.scratch.create_role(&role).await?,
                None => break,
            }
        }
        let end = relations(session).await?;
        let is_truncate = statement.kind().as_deref() == Some("TRUNCATE");
        let rewritten = before.keys().filter_map(|oid| {
            let ((table, was), (_, is)) = (start.get(oid)?, end.get(oid)?);
            (was != is && !is_truncate).then(|| table.clone())
        });
        let (line, column) = statement.line_and_column_of_start();
        Ok(MeasuredStatement {
            line,
            column,
            rewritten: rewritten.collect(),
            locks: strongest(&locks, before, &start),
            failed: done.err().map(|error| ErrorChain(&error).to_string()),
        })
    }
}

/// Runs a statement and asks for its locks before they go.
async fn in_transaction(
    session: &mut Session,
    statement: &Statement,
    locks: &mut Vec<(u32, String)>,
) -> Result<(), underpin_pool::Error> {
    let tx = session.begin();
    match statement.rows() {
        Some(rows) => tx.copy_text(statement.text(), rows).await.map(drop)?,
        None => tx.batch(statement.text()).await?,
    }
    for row in tx.query(LOCKS, &[]).await? {
        locks.push((row.get(0)?, row.get(1)?));
    }
    tx.commit().await
}

/// The strongest lock on each table that was there before the file.
fn strongest(
    locks: &[(u32, String)],
    before: &Relations,
    start: &Relations,
) -> Vec<(MeasuredTable, TableLock)> {
    let mut strongest: BTreeMap<&MeasuredTable, TableLock> = BTreeMap::new();
    for (oid, mode) in locks.iter().filter(|(oid, _)| before.contains_key(oid)) {
        if let (Some((table, _)), Some(lock)) = (start.get(oid), TableLock::of_mode(mode)) {
            let known = strongest.entry(table).or_insert(lock);
            *known = lock.max(*known);
        }
    }
    let locks = strongest.into_iter();
    locks.map(|(table, lock)| (table.clone(), lock)).collect()
}

async fn relations(session: &Session) -> Result<Relations, Error> {
    let rows = session.query(RELATIONS, &[]).await.map_err(unmeasured)?;
    let mut relations = Relations::new();
    for row in &rows {
        let read = || -> Result<_, underpin_pool::Error> {
            let (schema, name) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, (MeasuredTable { schema, name }, row.get(3)?)))
        };
        let (oid, relation) = read().map_err(unmeasured)?;
        relations.insert(oid, relation);
    }
    Ok(relations)
}

fn unmeasured(cause: underpin_pool::Error) -> Error {
    Error::caused_by("could not measure what the file does", cause)
}

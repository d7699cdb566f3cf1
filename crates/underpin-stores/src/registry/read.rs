//! Reading the registry: pages, a server's versions, one version.

use super::query::{ListQuery, is_unusable};
use super::server::ServerVersion;
use super::validate::is_name;
use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::{Executor, Params, Row};

/// A server may publish this many versions and still list them all; older ones are left out of that list.
pub const VERSIONS_MAX: i64 = 10_000;

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its entries; may be fewer than the limit only on the last page.
    pub entries: Vec<T>,
    /// Gives the next page; `None` on the last one. Letters, digits, `-` and `_` only.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts off the entry beyond the limit, which only tells that there is more.
    pub(crate) fn cut(mut entries: Vec<T>, limit: u8, cursor: impl Fn(&T) -> String) -> Self {
        let has_more = entries.len() > usize::from(limit);
        entries.truncate(usize::from(limit));
        let next_cursor = entries.last().filter(|_| has_more).map(cursor);
        Self {
            entries,
            next_cursor,
        }
    }
}

/// A page of servers, by name and version.
///
/// Walking the pages while others publish shows every entry that was there all the time exactly once.
///
/// # Errors
/// Whatever the pool reports.
pub async fn list(db: &impl Executor, query: &ListQuery) -> Result<Page<ServerVersion>, Error> {
    let statement = query.statement();
    let entries = select(db, &statement.sql, &statement.params()).await?;
    Ok(Page::cut(entries, query.limit, |last| {
        query.cursor(&last.name, &last.version)
    }))
}

/// The versions of a server, newest first.
///
/// # Errors
/// `NotFound` when there is no such server, or only deleted versions of it and they are not asked for.
pub async fn versions(
    db: &impl Executor,
    name: &str,
    include_deleted: bool,
) -> Result<Vec<ServerVersion>, Error> {
    if !is_name(name) {
        return Err(no_server());
    }
    let sql = include_str!("sql/versions.sql");
    let versions = select(db, sql, &[&name, &include_deleted, &VERSIONS_MAX]).await?;
    if versions.is_empty() {
        Err(no_server())
    } else {
        Ok(versions)
    }
}

/// One version of a server: an exact one, or `latest`.
///
/// # Errors
/// `NotFound` when there is none, or when it is deleted and deleted ones are not asked for.
pub async fn get(
    db: &impl Executor,
    name: &str,
    version: &str,
    include_deleted: bool,
) -> Result<ServerVersion, Error> {
    if !is_name(name) || is_unusable(version) {
        return Err(no_server());
    }
    let found = if version == "latest" {
        select(
            db,
            include_str!("sql/latest.sql"),
            &[&name, &include_deleted],
        )
        .await?
    } else {
        select(
            db,
            include_str!("sql/version.sql"),
            &[&name, &version, &include_deleted],
        )
        .await?
    };
    found.into_iter().next().ok_or_else(no_server)
}

/// How many servers have a version that is not deleted.
///
/// # Errors
/// Whatever the pool reports.
pub async fn count(db: &impl Executor) -> Result<i64, Error> {
    let row = db
        .query_one(include_str!("sql/count.sql"), &[])
        .await
        .map_err(unread)?;
    row.get(0).map_err(unread)
}

async fn select(
    db: &impl Executor,
    sql: &str,
    params: Params<'_>,
) -> Result<Vec<ServerVersion>, Error> {
    let rows: Vec<Row> = db.query(sql, params).await.map_err(unread)?;
    rows.iter().map(ServerVersion::from_row).collect()
}

pub(crate) fn unread(error: underpin_pool::Error) -> Error {
    failed("could not read the registry", error)
}

/// A table that is missing has one cure.
pub(crate) fn failed(what: &'static str, error: underpin_pool::Error) -> Error {
    const UNDEFINED_TABLE: &str = "42P01";
    let is_not_migrated = error.code() == Some(UNDEFINED_TABLE);
    let error = Error::caused_by(what, error);
    if is_not_migrated {
        error.with_hint("the registry's tables are missing: run `underpin migrate up --builtin`")
    } else {
        error
    }
}

fn no_server() -> Error {
    Error::new(ErrorKind::NotFound, "server not found")
}

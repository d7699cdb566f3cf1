//! Reading the registry: pages, a server's versions, one version.

use super::models::RegistryServerVersion as Row;
use super::query::{ListQuery, is_unusable};
use super::server::ServerVersion;
use super::validate::is_name;
use crate::Error;
use underpin_core::{Chain, Diagnose, ErrorKind};
use underpin_model::{Filter, Find, Place, Repository};

/// A server may publish this many versions and still list them all; older ones are left out of that list.
pub const VERSIONS_MAX: u32 = 10_000;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
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
pub async fn list(db: &impl Place, query: &ListQuery) -> Result<Page<ServerVersion>, Error> {
    let versions = Repository::new(db);
    let entries = query.find(&versions).all_as().await.map_err(unread)?;
    Ok(Page::cut(entries, query.limit, |last: &ServerVersion| {
        query.cursor(&last.name, &last.version)
    }))
}

/// The versions of a server, newest first.
///
/// # Errors
/// `NotFound` when there is no such server, or only deleted versions of it and they are not asked for.
pub async fn versions(
    db: &impl Place,
    name: &str,
    include_deleted: bool,
) -> Result<Vec<ServerVersion>, Error> {
    if !is_name(name) {
        return Err(no_server());
    }
    let versions = Repository::new(db);
    let found = find_versions(&versions, name, include_deleted);
    let versions: Vec<ServerVersion> = found.all_as().await.map_err(unread)?;
    if versions.is_empty() {
        Err(no_server())
    } else {
        Ok(versions)
    }
}

fn find_versions<'a, P: Place>(
    versions: &'a Repository<Row, P>,
    name: &str,
    include_deleted: bool,
) -> Find<'a, Row, P> {
    versions
        .find(Row::NAME.eq(name).and(shown(include_deleted)))
        .order_by(Row::PUBLISHED_AT.desc())
        .order_by(Row::SEQUENCE.desc())
        .limit(VERSIONS_MAX)
}

/// One version of a server: an exact one, or `latest`.
///
/// # Errors
/// `NotFound` when there is none, or when it is deleted and deleted ones are not asked for.
pub async fn get(
    db: &impl Place,
    name: &str,
    version: &str,
    include_deleted: bool,
) -> Result<ServerVersion, Error> {
    if !is_name(name) || is_unusable(version) {
        return Err(no_server());
    }
    let versions = Repository::new(db);
    let found = find_one(&versions, name, version, include_deleted);
    let found: Vec<ServerVersion> = found.all_as().await.map_err(unread)?;
    found.into_iter().next().ok_or_else(no_server)
}

fn find_one<'a, P: Place>(
    versions: &'a Repository<Row, P>,
    name: &str,
    version: &str,
    include_deleted: bool,
) -> Find<'a, Row, P> {
    let wanted = match version {
        "latest" => Row::IS_LATEST.is_true(),
        exact => Row::VERSION.eq(exact),
    };
    let filter = Row::NAME.eq(name).and(wanted).and(shown(include_deleted));
    versions.find(filter).limit(1)
}

/// How many servers have a version that is not deleted.
///
/// # Errors
/// Whatever the pool reports.
pub async fn count(db: &impl Place) -> Result<u64, Error> {
    let versions = Repository::new(db);
    versions.find(Row::on_offer()).count().await.map_err(unread)
}

fn shown(include_deleted: bool) -> Filter<Row> {
    if include_deleted {
        Filter::all([])
    } else {
        Row::living()
    }
}

pub(crate) fn unread(error: impl Diagnose) -> Error {
    failed("could not read the registry", error)
}

/// A table that is missing has one cure.
pub(crate) fn failed(what: &'static str, error: impl Diagnose) -> Error {
    const UNDEFINED_TABLE: &str = "42P01";
    let is_not_migrated = Chain(&error).iter().any(|cause| {
        let of_pool = cause.downcast_ref::<underpin_pool::Error>();
        of_pool.and_then(underpin_pool::Error::code) == Some(UNDEFINED_TABLE)
    });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::models::{nowhere, one_line};

    #[tokio::test]
    async fn statements_are_the_golden_ones() {
        let rows = nowhere();
        let check = |find: Find<'_, Row, _>, golden: &str| {
            let statement = find.statement_as::<ServerVersion>();
            assert_eq!(statement.sql(), one_line(golden));
        };
        check(
            find_one(&rows, "a/b", "latest", false),
            include_str!("../../tests/sql/get_latest.sql"),
        );
        check(
            find_one(&rows, "a/b", "1.0.0", false),
            include_str!("../../tests/sql/get_version.sql"),
        );
        check(
            find_versions(&rows, "a/b", false),
            include_str!("../../tests/sql/versions.sql"),
        );
    }
}

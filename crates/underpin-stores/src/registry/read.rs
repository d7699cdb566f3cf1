//! Reading the registry: pages, a server's versions, one version.

use super::cursor::{Cursor, Filters, List};
use super::models::RegistryServerVersion as Row;
use super::query::{ListQuery, check_limit, is_unusable};
use super::server::ServerVersion;
use super::sized;
use super::validate::is_name;
use crate::Error;
use jiff::Timestamp;
use underpin_core::{Chain, Diagnose, ErrorKind};
use underpin_model::{Filter, Find, Place, Repository};

/// Versions of a server on one page at most, when the request does not say. Most servers have all of theirs on it.
pub const VERSIONS_PAGE_MAX: u32 = 1_000;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its entries: fewer than the limit on the last page, or when they have
    /// [`PAGE_BYTES_MAX`](super::PAGE_BYTES_MAX).
    pub entries: Vec<T>,
    /// Gives the next page; `None` on the last one. Letters, digits, `-` and `_` only.
    pub next_cursor: Option<String>,
}

/// Which versions of a server; see [`ListRequest`](super::ListRequest).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionsRequest {
    /// Where the page before ended. It carries the filter: a client need not repeat it.
    pub cursor: Option<String>,
    /// Entries of the page: 1 to 100, [`VERSIONS_PAGE_MAX`] when it is not given.
    pub limit: Option<i64>,
    /// Also deleted versions; not by default.
    pub include_deleted: Option<bool>,
}

/// A page of servers, by name and version.
///
/// Walking the pages while others publish shows every entry that was there all the time exactly once.
///
/// # Errors
/// Whatever the pool reports.
pub async fn list(db: &impl Place, query: &ListQuery) -> Result<Page<ServerVersion>, Error> {
    let versions = Repository::new(db);
    let found = query.find(&versions);
    let limit = u32::from(query.limit);
    sized::page(db, &found, query.order(), limit, |last| {
        query.cursor(&last.name, &last.version)
    })
    .await
}

/// A page of the versions of a server, newest first.
///
/// # Errors
/// `NotFound` when there is no such server, or only deleted versions of it and they are not asked for; `InvalidInput` when
/// the limit is out of range or the cursor belongs to another list.
pub async fn versions(
    db: &impl Place,
    name: &str,
    request: VersionsRequest,
) -> Result<Page<ServerVersion>, Error> {
    if !is_name(name) {
        return Err(no_server());
    }
    let VersionsRequest {
        cursor,
        limit,
        include_deleted,
    } = request;
    let limit = match limit {
        Some(limit) => u32::from(check_limit(Some(limit))?),
        None => VERSIONS_PAGE_MAX,
    };
    let cursor = cursor.filter(|text| !text.is_empty());
    let (include_deleted, after) = match &cursor {
        Some(cursor) => continued(name, cursor, include_deleted)?,
        None => (include_deleted.unwrap_or(false), None),
    };
    let versions = Repository::new(db);
    let found = find_versions(&versions, name, include_deleted, after, limit);
    let page = sized::page(
        db,
        &found,
        "published_at DESC, sequence DESC",
        limit,
        |last| {
            let filters = Filters {
                include_deleted: Some(include_deleted),
                ..Filters::default()
            };
            Cursor {
                list: List::Versions,
                name: name.to_owned(),
                version: None,
                published: Some((last.published_at.as_microsecond(), last.sequence)),
                filters,
            }
            .encode()
        },
    )
    .await?;
    if page.entries.is_empty() && cursor.is_none() {
        return Err(no_server());
    }
    Ok(page)
}

/// When a version was published, and its place among those of the same instant.
type Published = (Timestamp, i64);

/// What a cursor says: whether deleted versions are shown, and where the page before ended.
fn continued(
    name: &str,
    cursor: &str,
    include_deleted: Option<bool>,
) -> Result<(bool, Option<Published>), Error> {
    let cursor = Cursor::decode(cursor, List::Versions)?;
    let carried = cursor.filters.include_deleted.unwrap_or(false);
    let refused = |what| Err(Error::new(ErrorKind::InvalidInput, what));
    if cursor.name != name {
        return refused("cursor belongs to the versions of another server");
    }
    if include_deleted.is_some_and(|asked| asked != carried) {
        return refused("cursor belongs to a list with another include_deleted");
    }
    let published = cursor.published.and_then(|(time, sequence)| {
        let time = Timestamp::from_microsecond(time).ok()?;
        Some((time, sequence))
    });
    if published.is_none() {
        return refused("cursor points to no possible version");
    }
    Ok((carried, published))
}

/// One row more than the limit: it tells that there is another page.
fn find_versions<'a, P: Place>(
    versions: &'a Repository<Row, P>,
    name: &str,
    include_deleted: bool,
    after: Option<Published>,
    limit: u32,
) -> Find<'a, Row, P> {
    let mut filter = Row::NAME.eq(name).and(shown(include_deleted));
    if let Some((time, sequence)) = after {
        // The first condition is the one that an index serves.
        let beyond = Row::PUBLISHED_AT.lt(time).or(Row::SEQUENCE.lt(sequence));
        filter = filter.and(Row::PUBLISHED_AT.le(time)).and(beyond);
    }
    versions
        .find(filter)
        .order_by(Row::PUBLISHED_AT.desc())
        .order_by(Row::SEQUENCE.desc())
        .limit(limit + 1)
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
            find_versions(&rows, "a/b", false, None, 30),
            include_str!("../../tests/sql/versions.sql"),
        );
        check(
            find_versions(&rows, "a/b", false, Some((Timestamp::UNIX_EPOCH, 7)), 30),
            include_str!("../../tests/sql/versions_after.sql"),
        );
    }
}

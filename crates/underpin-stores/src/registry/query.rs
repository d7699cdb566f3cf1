//! A request for a page of servers: checked, then turned into a list of the repository.

use super::cursor::{Cursor, Filters, List};
use super::models::RegistryServerVersion as Row;
use super::validate::is_name;
use super::version::VERSION_CHARS_MAX;
use crate::Error;
use jiff::Timestamp;
use underpin_core::ErrorKind;
use underpin_model::{Filter, Find, Place, Repository, escape_like};

/// Entries of a page when the request does not say.
pub const PAGE_DEFAULT: u8 = 30;
/// Entries of a page at most.
pub const PAGE_MAX: u8 = 100;
/// The longest search, in characters: no name, title or description is longer.
pub const SEARCH_CHARS_MAX: usize = 200;

/// What a client asks for; nothing of it is trusted yet.
///
/// Empty texts mean "not given": clients send `?search=&cursor=`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// Where the page before ended. It carries the filters: a client need not repeat them.
    pub cursor: Option<String>,
    /// Entries of the page: 1 to 100, 30 by default.
    pub limit: Option<i64>,
    /// Only servers whose name, title or description contains this, in any case.
    pub search: Option<String>,
    /// Only versions that changed at this time or later; deleted ones are then included, whatever `include_deleted` says.
    pub updated_since: Option<Timestamp>,
    /// `latest`, or an exact version.
    pub version: Option<String>,
    /// Also deleted versions; not by default.
    pub include_deleted: Option<bool>,
}

/// A checked [`ListRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub(crate) limit: u8,
    pub(crate) filters: Filters,
    pub(crate) after: Option<(String, Option<String>)>,
}

impl ListQuery {
    /// Checks a request.
    ///
    /// # Errors
    /// `InvalidInput`, naming the parameter: a limit out of range, a search or version that is too long, a cursor that
    /// is not ours or that was made with other filters.
    pub fn new(request: ListRequest) -> Result<Self, Error> {
        let ListRequest {
            cursor,
            limit,
            search,
            updated_since,
            version,
            include_deleted,
        } = request;
        let asked = Filters {
            search: check_search(search)?,
            updated_since: updated_since.map(|time| time.as_microsecond().max(0)),
            version: check_version(version)?,
            include_deleted,
        };
        let limit = check_limit(limit)?;
        let Some(cursor) = cursor.filter(|text| !text.is_empty()) else {
            return Ok(Self {
                limit,
                filters: asked,
                after: None,
            });
        };
        let cursor = Cursor::decode(&cursor, List::Servers)?;
        agree(&asked, &cursor.filters)?;
        check_search(cursor.filters.search.clone())?;
        check_version(cursor.filters.version.clone())?;
        if !is_name(&cursor.name) || cursor.version.as_deref().is_some_and(is_unusable) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "cursor points to no possible server",
            ));
        }
        Ok(Self {
            limit,
            filters: cursor.filters,
            after: Some((cursor.name, cursor.version)),
        })
    }

    /// Does each server appear at most once?
    pub(crate) fn one_version_each(&self) -> bool {
        self.filters.version.is_some()
    }

    fn includes_deleted(&self) -> bool {
        self.filters.updated_since.is_some() || self.filters.include_deleted == Some(true)
    }

    /// The rows of the page, and one more: it tells whether there is a next page.
    ///
    /// Where a server appears once, pages continue by name alone: with the version in the key, a server whose latest
    /// version changes between two pages would appear twice or not at all. That is also why these are no pages of the
    /// repository, which continue by the primary key.
    pub(crate) fn find<'a, P: Place>(&self, versions: &'a Repository<Row, P>) -> Find<'a, Row, P> {
        let filters = [
            self.filters
                .version
                .as_deref()
                .map(|version| match version {
                    "latest" => Row::IS_LATEST.is_true(),
                    exact => Row::VERSION.eq(exact),
                }),
            (!self.includes_deleted()).then(Row::living),
            self.filters.search.as_deref().map(has_text),
            self.filters.updated_since.map(|since| {
                Row::UPDATED_AT.ge(Timestamp::from_microsecond(since).unwrap_or(Timestamp::MAX))
            }),
            self.after.as_ref().map(|after| self.beyond(after)),
        ];
        let found = versions.find(Filter::all(filters.into_iter().flatten()));
        let found = found.order_by(Row::NAME.asc());
        let found = if self.one_version_each() {
            found
        } else {
            found.order_by(Row::VERSION.asc())
        };
        found.limit(u32::from(self.limit) + 1)
    }

    /// The order of the page, as SQL.
    pub(crate) fn order(&self) -> &'static str {
        if self.one_version_each() {
            "name"
        } else {
            "name, version"
        }
    }

    /// Behind the last entry of the page before. The first condition is the one that an index serves.
    fn beyond(&self, (name, version): &(String, Option<String>)) -> Filter<Row> {
        let name = name.as_str();
        match version.as_deref() {
            Some(version) if !self.one_version_each() => Row::NAME
                .ge(name)
                .and(Row::NAME.gt(name).or(Row::VERSION.gt(version))),
            _ => Row::NAME.gt(name),
        }
    }

    /// The cursor behind an entry.
    pub(crate) fn cursor(&self, name: &str, version: &str) -> String {
        Cursor {
            list: List::Servers,
            name: name.to_owned(),
            version: (!self.one_version_each()).then(|| version.to_owned()),
            published: None,
            filters: self.filters.clone(),
        }
        .encode()
    }
}

/// 1 to 100.
pub(crate) fn check_limit(limit: Option<i64>) -> Result<u8, Error> {
    let Some(limit) = limit else {
        return Ok(PAGE_DEFAULT);
    };
    u8::try_from(limit)
        .ok()
        .filter(|limit| (1..=PAGE_MAX).contains(limit))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("limit must be 1 to {PAGE_MAX}, not {limit}"),
            )
        })
}

/// Bounded, without NUL; an empty one is none.
pub(crate) fn check_search(search: Option<String>) -> Result<Option<String>, Error> {
    let Some(search) = search.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let length = search.chars().count();
    if length > SEARCH_CHARS_MAX {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("search must have at most {SEARCH_CHARS_MAX} characters, has {length}"),
        ));
    }
    if search.contains('\0') {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "search must not contain the NUL character",
        ));
    }
    Ok(Some(search))
}

fn check_version(version: Option<String>) -> Result<Option<String>, Error> {
    let version = version.filter(|text| !text.is_empty());
    if version.as_deref().is_some_and(is_unusable) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("version must have at most {VERSION_CHARS_MAX} characters and no NUL"),
        ));
    }
    Ok(version)
}

/// Can no version be this text?
pub(crate) fn is_unusable(version: &str) -> bool {
    version.contains('\0') || version.chars().count() > VERSION_CHARS_MAX
}

/// A filter given beside a cursor must be the cursor's own: else pages would skip and repeat.
fn agree(asked: &Filters, carried: &Filters) -> Result<(), Error> {
    let Filters {
        search,
        updated_since,
        version,
        include_deleted,
    } = asked;
    let differs = if search.is_some() && *search != carried.search {
        "search"
    } else if updated_since.is_some() && *updated_since != carried.updated_since {
        "updated_since"
    } else if version.is_some() && *version != carried.version {
        "version"
    } else if include_deleted
        .is_some_and(|asked| asked != carried.include_deleted.unwrap_or_default())
    {
        "include_deleted"
    } else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!("cursor belongs to a list with another {differs}"),
    )
    .with_hint("begin the new list without a cursor"))
}

/// Lower case, character by character: the same for a word and for a part of it, and independent of the database's
/// locale.
pub(crate) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Has this text in its name, title or description, in any case; `%`, `_` and `\` stand for themselves.
pub(crate) fn has_text(search: &str) -> Filter<Row> {
    Row::SEARCH_TEXT.like(format!("%{}%", escape_like(&folded(search))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::models::{nowhere, one_line};
    use crate::registry::server::ServerVersion;

    fn query(request: ListRequest) -> ListQuery {
        ListQuery::new(request).unwrap()
    }

    fn refused(request: ListRequest) -> String {
        let error = ListQuery::new(request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    }

    #[test]
    fn limits_are_1_to_100() {
        let limited = |limit| ListRequest {
            limit: Some(limit),
            ..ListRequest::default()
        };
        assert_eq!(query(ListRequest::default()).limit, 30);
        assert_eq!(query(limited(1)).limit, 1);
        assert_eq!(query(limited(100)).limit, 100);
        assert_eq!(refused(limited(-1)), "limit must be 1 to 100, not -1");
        for bad in [0, 101, 256, i64::MIN, i64::MAX] {
            refused(limited(bad));
        }
    }

    #[test]
    fn a_search_of_10_000_characters_is_refused_by_name() {
        let search = Some("x".repeat(10_000));
        assert_eq!(
            refused(ListRequest {
                search,
                ..ListRequest::default()
            }),
            "search must have at most 200 characters, has 10000"
        );
        refused(ListRequest {
            search: Some("a\0".into()),
            ..ListRequest::default()
        });
        refused(ListRequest {
            version: Some("1\0".into()),
            ..ListRequest::default()
        });
    }

    #[test]
    fn a_cursor_carries_every_filter() {
        let request = ListRequest {
            search: Some("weather".into()),
            updated_since: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            version: Some("latest".into()),
            include_deleted: Some(true),
            ..ListRequest::default()
        };
        let first = query(request.clone());
        let cursor = Some(first.cursor("a/b", "1.0.0"));
        let next = query(ListRequest {
            cursor: cursor.clone(),
            ..ListRequest::default()
        });
        assert_eq!(next.filters, first.filters);
        // Repeating the filters is fine, changing them is not.
        query(ListRequest {
            cursor: cursor.clone(),
            ..request.clone()
        });
        let changed = ListRequest {
            cursor,
            search: Some("other".into()),
            ..request
        };
        assert_eq!(
            refused(changed),
            "cursor belongs to a list with another search"
        );
    }

    #[tokio::test]
    async fn statements_are_the_golden_ones() {
        let versions = nowhere();
        let check = |request: ListRequest, golden: &str| {
            let query = query(request);
            let statement = query.find(&versions).statement_as::<ServerVersion>();
            assert_eq!(statement.sql(), one_line(golden));
        };
        let latest = ListRequest {
            version: Some("latest".into()),
            ..ListRequest::default()
        };
        let after = |request: &ListRequest| {
            let cursor = query(request.clone()).cursor("a/b", "1.0.0");
            ListRequest {
                cursor: Some(cursor),
                ..request.clone()
            }
        };
        check(
            after(&latest),
            include_str!("../../tests/sql/list_latest.sql"),
        );
        check(
            after(&ListRequest::default()),
            include_str!("../../tests/sql/list_all.sql"),
        );
        check(
            after(&ListRequest {
                version: Some("1.0.0".into()),
                ..ListRequest::default()
            }),
            include_str!("../../tests/sql/list_exact_version.sql"),
        );
        check(
            ListRequest {
                updated_since: Some(Timestamp::UNIX_EPOCH),
                ..ListRequest::default()
            },
            include_str!("../../tests/sql/list_updated_since.sql"),
        );
        check(
            ListRequest {
                search: Some("weather".into()),
                ..latest
            },
            include_str!("../../tests/sql/list_search.sql"),
        );
    }
}

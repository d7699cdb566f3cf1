//! Items: the service registry's view of what is registered.
//!
//! So far an item is a server, seen through its latest version that is not deleted. What the registry cannot know from a
//! published document has the neutral value: status `unknown` (nothing is probed yet), no health, no dependencies.

use super::cursor::{Cursor, Filters, List};
use super::query::{Statement, check_limit, check_search, pattern};
use super::read::{Page, unread};
use super::validate::is_name;
use crate::Error;
use jiff::Timestamp;
use serde_json::Value;
use underpin_core::{ErrorKind, Id};
use underpin_pool::{Executor, Row};

/// A registered service.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its id: the server's, the same for all versions.
    pub id: Id<Item>,
    /// Its unique name.
    pub name: String,
    /// The document's title, else the name.
    pub display_name: String,
    /// What it does.
    pub description: String,
    /// The latest version.
    pub version: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where its code or package is: the first package's identifier, else the repository's URL.
    pub location: Option<String>,
    /// The first remote's URL.
    pub endpoint: Option<String>,
    /// The port that the endpoint names.
    pub port: Option<u16>,
    /// Is it on offer? Not when its latest version is deprecated.
    pub is_enabled: bool,
    /// When the server was first published here.
    pub created_at: Timestamp,
    /// When its latest version last changed here.
    pub updated_at: Timestamp,
}

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Started as a process, over its standard input and output.
    Stdio,
    /// Over HTTP.
    Http,
}

impl Protocol {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }
}

/// What a client asks for; see [`ListRequest`](super::ListRequest).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemRequest {
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Entries of the page: 1 to 100, 30 by default.
    pub limit: Option<i64>,
    /// Only items whose name, title or description contains this, in any case.
    pub search: Option<String>,
}

const COLUMNS: &str = "server.id, server.name, server.created_at, stored.version, stored.title, stored.description, \
                       stored.document,\n       stored.status::text AS status, stored.updated_at";
const FROM: &str = "registry_servers AS server\n\
                    JOIN registry_server_versions AS stored ON stored.name = server.name AND stored.is_latest";

/// A page of items, by name.
///
/// # Errors
/// `InvalidInput`, naming the parameter; else whatever the pool reports.
pub async fn items(db: &impl Executor, request: ItemRequest) -> Result<Page<Item>, Error> {
    let ItemRequest {
        cursor,
        limit,
        search,
    } = request;
    let limit = check_limit(limit)?;
    let mut search = check_search(search)?;
    let mut after = None;
    if let Some(cursor) = cursor.filter(|text| !text.is_empty()) {
        let cursor = Cursor::decode(&cursor, List::Items)?;
        let carried = check_search(cursor.filters.search)?;
        if !is_name(&cursor.name) || (search.is_some() && search != carried) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "cursor belongs to a list with another search",
            ));
        }
        (search, after) = (carried, Some(cursor.name));
    }
    let statement = statement(search.as_deref(), after, limit);
    let rows = db
        .query(&statement.sql, &statement.params())
        .await
        .map_err(unread)?;
    let entries = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(entries, limit, |last| {
        let filters = Filters {
            search: search.clone(),
            ..Filters::default()
        };
        Cursor {
            list: List::Items,
            name: last.name.clone(),
            version: None,
            filters,
        }
        .encode()
    }))
}

/// One item, by name.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn item(db: &impl Executor, name: &str) -> Result<Item, Error> {
    let missing = || Error::new(ErrorKind::NotFound, "item not found");
    if !is_name(name) {
        return Err(missing());
    }
    let row = db
        .query_opt(include_str!("sql/item.sql"), &[&name])
        .await
        .map_err(unread)?;
    read(&row.ok_or_else(missing)?)
}

fn statement(search: Option<&str>, after: Option<String>, limit: u8) -> Statement {
    let mut statement = Statement::new(FROM, COLUMNS);
    statement.condition("stored.status <> 'deleted'");
    if let Some(search) = search {
        let pattern = statement.bind(pattern(search));
        statement.condition(&format!("stored.search_text LIKE {pattern}"));
    }
    if let Some(name) = after {
        let name = statement.bind(name);
        statement.condition(&format!("server.name > {name}"));
    }
    statement.finish("server.name", limit)
}

fn read(row: &Row) -> Result<Item, Error> {
    let document: String = row.get("document").map_err(unread)?;
    let document: Value = serde_json::from_str(&document).map_err(|error| {
        Error::new(ErrorKind::Decode, "a stored document is not JSON").with_source(error)
    })?;
    let name: String = row.get("name").map_err(unread)?;
    let title: Option<String> = row.get("title").map_err(unread)?;
    let status: &str = row.get("status").map_err(unread)?;
    let endpoint = text_at(&document, "/remotes/0/url");
    Ok(Item {
        id: Id::from_uuid(row.get("id").map_err(unread)?),
        display_name: title.unwrap_or_else(|| name.clone()),
        name,
        description: row.get("description").map_err(unread)?,
        version: row.get("version").map_err(unread)?,
        protocol: protocol(&document),
        location: text_at(&document, "/packages/0/identifier")
            .or_else(|| text_at(&document, "/repository/url")),
        port: endpoint.as_deref().and_then(port),
        endpoint,
        is_enabled: status == "active",
        created_at: row.get("created_at").map_err(unread)?,
        updated_at: row.get("updated_at").map_err(unread)?,
    })
}

fn text_at(document: &Value, pointer: &str) -> Option<String> {
    document.pointer(pointer)?.as_str().map(String::from)
}

/// A remote, or a package that opens a port, is HTTP; everything else is a process.
fn protocol(document: &Value) -> Protocol {
    let transport = document.pointer("/packages/0/transport/type");
    let is_process = transport.is_some_and(|kind| kind == "stdio");
    let has_remote = document.pointer("/remotes/0").is_some();
    if !is_process && (has_remote || transport.is_some()) {
        Protocol::Http
    } else {
        Protocol::Stdio
    }
}

/// The port after the host, when the URL names one.
fn port(url: &str) -> Option<u16> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.rsplit_once(':')?;
    let is_inside_brackets = host.contains('[') && !host.ends_with(']');
    port.parse()
        .ok()
        .filter(|port| *port != 0 && !is_inside_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ports_are_read_from_urls() {
        let check = |url, expected| assert_eq!(port(url), expected, "{url}");
        check("http://localhost:8000/sse", Some(8000));
        check("https://example.com/a:1", None);
        check("https://[::1]:443/", Some(443));
        check("https://[::1]/", None);
        check("https://example.com:{port}/", None);
        check("{base}/mcp", None);
    }

    #[test]
    fn the_first_way_in_decides_the_protocol() {
        let check =
            |document: Value, expected| assert_eq!(protocol(&document), expected, "{document}");
        check(json!({}), Protocol::Stdio);
        check(
            json!({ "packages": [{ "transport": { "type": "stdio" } }], "remotes": [{}] }),
            Protocol::Stdio,
        );
        check(
            json!({ "packages": [{ "transport": { "type": "sse" } }] }),
            Protocol::Http,
        );
        check(json!({ "remotes": [{}] }), Protocol::Http);
    }

    #[test]
    fn the_statement_is_the_golden_one() {
        let statement = statement(Some("x"), Some("a/b".into()), 30);
        assert_eq!(
            statement.sql,
            include_str!("../../tests/sql/list_items.sql")
        );
    }
}

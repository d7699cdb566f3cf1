//! Items: the service registry's view of what is registered.
//!
//! So far an item is a server, seen through its latest version that is not deleted. What the registry cannot know from a
//! published document has the neutral value: status `unknown` (nothing is probed yet), no health, no dependencies.

use super::cursor::{Cursor, Filters, List};
use super::models::{RegistryServer, RegistryServerVersion as Row};
use super::query::{check_limit, check_search, has_text};
use super::read::{Page, unread};
use super::server::{ServerVersion, Status};
use super::sized;
use super::validate::is_name;
use crate::Error;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use underpin_core::{ErrorKind, Id};
use underpin_model::{Filter, Find, Place, Repository};

/// A registered service.
#[derive(Debug, Clone, PartialEq)]
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

/// A page of items, by name.
///
/// # Errors
/// `InvalidInput`, naming the parameter; else whatever the pool reports.
pub async fn items(db: &impl Place, request: ItemRequest) -> Result<Page<Item>, Error> {
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
    let versions = Repository::new(db);
    let found = find(&versions, search.as_deref(), after, limit);
    let page = sized::page(db, &found, "name", u32::from(limit), |last| {
        let filters = Filters {
            search: search.clone(),
            ..Filters::default()
        };
        Cursor {
            list: List::Items,
            name: last.name.clone(),
            version: None,
            published: None,
            filters,
        }
        .encode()
    })
    .await?;
    Ok(Page {
        entries: of_servers(db, page.entries).await?,
        next_cursor: page.next_cursor,
    })
}

/// One item, by name.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn item(db: &impl Place, name: &str) -> Result<Item, Error> {
    let missing = || Error::new(ErrorKind::NotFound, "item not found");
    if !is_name(name) {
        return Err(missing());
    }
    let versions = Repository::new(db);
    let found = versions.find(Row::NAME.eq(name).and(Row::on_offer()));
    let latest = found.limit(1).all_as().await.map_err(unread)?;
    let item = of_servers(db, latest).await?.pop();
    item.ok_or_else(missing)
}

fn find<'a, P: Place>(
    versions: &'a Repository<Row, P>,
    search: Option<&str>,
    after: Option<String>,
    limit: u8,
) -> Find<'a, Row, P> {
    let filters = [
        Some(Row::on_offer()),
        search.map(has_text),
        after.map(|name| Row::NAME.gt(name)),
    ];
    versions
        .find(Filter::all(filters.into_iter().flatten()))
        .order_by(Row::NAME.asc())
        .limit(u32::from(limit) + 1)
}

/// The items of servers whose latest versions these are. What is read of a server never changes, so that it may be read
/// by a second statement; one that was removed between the two is left out.
async fn of_servers(db: &impl Place, latest: Vec<ServerVersion>) -> Result<Vec<Item>, Error> {
    let names = latest.iter().map(|version| version.name.as_str());
    let servers = Repository::<RegistryServer, _>::new(db);
    let found = servers.find(RegistryServer::NAME.is_in(names));
    let found = found.all().await.map_err(unread)?;
    let servers: HashMap<&str, &RegistryServer> = found
        .iter()
        .map(|server| (server.name.as_str(), server))
        .collect();
    let items = latest.into_iter().filter_map(|version| {
        let server = servers.get(version.name.as_str())?;
        Some(Item::new(server, version))
    });
    items.collect()
}

impl Item {
    fn new(server: &RegistryServer, latest: ServerVersion) -> Result<Self, Error> {
        let document: Value = serde_json::from_str(latest.document.get()).map_err(|error| {
            Error::new(ErrorKind::Decode, "a stored document is not JSON").with_source(error)
        })?;
        let endpoint = text_at(&document, "/remotes/0/url");
        Ok(Self {
            id: Id::from_uuid(server.id.uuid()),
            display_name: latest.title.unwrap_or_else(|| latest.name.clone()),
            name: latest.name,
            description: latest.description,
            version: latest.version,
            protocol: protocol(&document),
            location: text_at(&document, "/packages/0/identifier")
                .or_else(|| text_at(&document, "/repository/url")),
            port: endpoint.as_deref().and_then(port),
            endpoint,
            is_enabled: latest.status == Status::Active,
            created_at: server.created_at,
            updated_at: latest.updated_at,
        })
    }
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
    use crate::registry::models::{nowhere, one_line};
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

    #[tokio::test]
    async fn the_statement_is_the_golden_one() {
        let versions = nowhere();
        let found = find(&versions, Some("x"), Some("a/b".into()), 30);
        assert_eq!(
            found.statement_as::<ServerVersion>().sql(),
            one_line(include_str!("../../tests/sql/list_items.sql"))
        );
    }
}

//! The wire types of the MCP registry read API, as modelcontextprotocol/registry publishes them.

use jiff::Timestamp;
use serde::Serialize;
use underpin_stores::registry::{Page, ServerVersion, Verbatim};

/// A page of servers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ServerList {
    servers: Vec<ServerEntry>,
    metadata: ListMetadata,
}

/// One version of one server.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ServerResponse)]
pub(crate) struct ServerEntry {
    /// The `server.json` as it was published, byte for byte.
    #[schema(value_type = Object)]
    server: Verbatim,
    #[serde(rename = "_meta")]
    meta: EntryMeta,
}

/// What the registry says about a version, by namespace.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct EntryMeta {
    #[serde(rename = "io.modelcontextprotocol.registry/official")]
    official: Official,
}

/// These six fields and no others: our own would stand under a namespace of our own beside it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Official {
    /// `active`, `deprecated` or `deleted`.
    #[schema(example = "active")]
    status: &'static str,
    /// Why it is deprecated or deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    status_changed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    published_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Is this the server's latest version?
    is_latest: bool,
}

/// About the page: always there, clients rely on it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListMetadata {
    /// Entries on this page.
    count: usize,
    /// Give it back as `cursor` for the next page; absent on the last. Letters, digits, `-` and `_` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<Page<ServerVersion>> for ServerList {
    fn from(page: Page<ServerVersion>) -> Self {
        let Page {
            entries,
            next_cursor,
        } = page;
        let servers: Vec<ServerEntry> = entries.into_iter().map(ServerEntry::from).collect();
        let metadata = ListMetadata {
            count: servers.len(),
            next_cursor,
        };
        Self { servers, metadata }
    }
}

impl From<ServerVersion> for ServerEntry {
    fn from(version: ServerVersion) -> Self {
        let official = Official {
            status: version.status.as_str(),
            status_message: version.status_message,
            status_changed_at: version.status_changed_at,
            published_at: version.published_at,
            updated_at: version.updated_at,
            is_latest: version.is_latest,
        };
        Self {
            server: version.document,
            meta: EntryMeta { official },
        }
    }
}

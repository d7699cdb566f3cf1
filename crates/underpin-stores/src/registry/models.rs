//! The registry's tables. Their migrations say the same, and a test holds the two against each other.

use super::server::Status;
use jiff::Timestamp;
use underpin_core::Id;
use underpin_model::{Filter, Json, Model};

/// A server: what its versions have in common. Names and versions collate by bytes ("C"), so that pages walk in the same
/// order on every machine.
#[derive(Debug, Clone, Model)]
pub(crate) struct RegistryServer {
    #[model(primary_key, default = "gen_random_uuid()")]
    pub(crate) id: Id<RegistryServer>,
    #[model(
        unique,
        collate = "C",
        check = "name ~ '^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$' AND length(name) BETWEEN 3 AND 200"
    )]
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A published version of a server. `ServerVersion` is what lists read of it.
#[derive(Debug, Clone, Model)]
#[model(
    extension = "pg_trgm",
    unique(name, version),
    unique(name, where = "is_latest", name = "registry_server_versions_latest_key"),
    index(version, name, name = "registry_server_versions_version_idx"),
    index(name, published_at desc, sequence desc, name = "registry_server_versions_published_idx"),
    index(search_text gin_trgm_ops, method = "gin", name = "registry_server_versions_search_idx")
)]
pub(crate) struct RegistryServerVersion {
    #[model(primary_key, default = "gen_random_uuid()")]
    pub(crate) id: Id<RegistryServerVersion>,
    #[model(references(RegistryServer, name), on_delete = "cascade", collate = "C")]
    pub(crate) name: String,
    #[model(collate = "C", check = "length(version) BETWEEN 1 AND 255")]
    pub(crate) version: String,
    /// Bytes that sort as semantic versions do; None of a version that is not semantic.
    pub(crate) semantic_key: Option<Vec<u8>>,
    /// The order of publication within one instant.
    #[model(identity)]
    pub(crate) sequence: i64,
    pub(crate) title: Option<String>,
    #[model(check = "length(description) BETWEEN 1 AND 100")]
    pub(crate) description: String,
    /// Name, title and description in lower case: what a search looks through.
    pub(crate) search_text: String,
    /// The published document, byte for byte; `document_json` is the same, for queries.
    pub(crate) document: String,
    #[model(generated = "document::jsonb")]
    pub(crate) document_json: Option<Json>,
    #[model(check = "octet_length(content_hash) = 32")]
    pub(crate) content_hash: Vec<u8>,
    /// Where the document was converted from an older format: what it was made of, byte for byte.
    #[model(check = "(original IS NULL) = (original_hash IS NULL)")]
    pub(crate) original: Option<String>,
    pub(crate) original_hash: Option<Vec<u8>>,
    #[model(default = "'active'::registry_server_status")]
    pub(crate) status: Status,
    #[model(check = "length(status_message) <= 500")]
    pub(crate) status_message: Option<String>,
    #[model(default = "now()")]
    pub(crate) status_changed_at: Timestamp,
    #[model(default = "now()")]
    pub(crate) published_at: Timestamp,
    pub(crate) created_at: Timestamp,
    /// What mirrors ask for: by the clock rather than by the start of the transaction, so that it is close to the commit.
    #[model(index, default = "clock_timestamp()")]
    pub(crate) updated_at: Timestamp,
    #[model(default = "false")]
    pub(crate) is_latest: bool,
}

impl RegistryServerVersion {
    /// Versions that are not withdrawn.
    pub(crate) fn living() -> Filter<Self> {
        Self::STATUS.ne(Status::Deleted)
    }

    /// The version that stands for its server, unless it is withdrawn.
    pub(crate) fn on_offer() -> Filter<Self> {
        Self::IS_LATEST.is_true().and(Self::living())
    }
}

/// A repository that is never asked anything: to look at statements.
#[cfg(test)]
pub(crate) fn nowhere<M: Model>() -> underpin_model::Repository<M> {
    let url: underpin_core::DatabaseUrl = "postgres://nobody@localhost/nowhere".parse().unwrap();
    underpin_model::Repository::new(underpin_pool::Database::lazy(url).unwrap())
}

/// A statement that was written over several lines to be read by people.
#[cfg(test)]
pub(crate) fn one_line(golden: &str) -> String {
    golden.split_whitespace().collect::<Vec<_>>().join(" ")
}

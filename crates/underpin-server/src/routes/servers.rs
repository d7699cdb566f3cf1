//! `/v0.1/servers…`: the read API of the MCP registry, which VS Code, GitHub Copilot and mirrors ask.

mod wire;

use crate::app::App;
use crate::extract::{PathOf, QueryOf, flag, whole_number};
use crate::problem::{Problem, ProblemBody};
use crate::ready;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use underpin_stores::registry::{self, ListQuery, ListRequest, VersionsRequest};
use wire::{ServerEntry, ServerList};

/// What narrows a list of servers. Unknown parameters are ignored.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParameters {
    /// `metadata.nextCursor` of the page before. It carries all filters: they need not be repeated.
    #[param(pattern = "^[A-Za-z0-9_-]*$", max_length = 4096)]
    cursor: Option<String>,
    /// How many at most. Empty is as if it were not given.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 30)]
    limit: Option<String>,
    /// Only servers whose name, title or description contains this, in any case.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only what changed at this time or later (RFC 3339); deleted servers are then included. Empty is refused: it would
    /// ask for everything.
    #[param(format = DateTime, example = "2025-08-07T13:15:04.280Z")]
    updated_since: Option<String>,
    /// `latest`, or an exact version.
    #[param(example = "latest")]
    version: Option<String>,
    /// Also deleted servers. Empty is as if it were not given.
    #[param(value_type = Option<bool>, default = false)]
    include_deleted: Option<String>,
}

/// Which versions of a server are shown. Unknown parameters are ignored.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionsParameters {
    /// `metadata.nextCursor` of the page before. It carries the filter: it need not be repeated.
    #[param(pattern = "^[A-Za-z0-9_-]*$", max_length = 4096)]
    cursor: Option<String>,
    /// How many at most; all that fit when it is not given, which is 1,000 or about 4 MiB.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// Also deleted versions. Empty is as if it were not given.
    #[param(value_type = Option<bool>, default = false)]
    include_deleted: Option<String>,
}

/// Whether deleted versions are shown.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeletedParameter {
    /// Also deleted versions. Empty is as if it were not given.
    #[param(value_type = Option<bool>, default = false)]
    include_deleted: Option<String>,
}

impl ListParameters {
    fn check(self) -> Result<ListQuery, Problem> {
        let request = ListRequest {
            limit: whole_number("limit", self.limit.as_ref())?,
            updated_since: time("updated_since", self.updated_since.as_ref())?,
            include_deleted: flag("include_deleted", self.include_deleted.as_ref())?,
            cursor: self.cursor,
            search: self.search,
            version: self.version,
        };
        Ok(ListQuery::new(request)?)
    }
}

impl VersionsParameters {
    fn check(self) -> Result<VersionsRequest, Problem> {
        Ok(VersionsRequest {
            limit: whole_number("limit", self.limit.as_ref())?,
            include_deleted: flag("include_deleted", self.include_deleted.as_ref())?,
            cursor: self.cursor,
        })
    }
}

impl DeletedParameter {
    fn check(&self) -> Result<bool, Problem> {
        Ok(flag("include_deleted", self.include_deleted.as_ref())?.unwrap_or(false))
    }
}

/// An RFC 3339 time, or 400 that shows how one looks; nothing else is one, not even an empty text.
fn time(name: &str, value: Option<&String>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = value else {
        return Ok(None);
    };
    // A plus sign that was not encoded arrives as a space.
    let time = text.parse().or_else(|_| text.replace(' ', "+").parse());
    time.map(Some).map_err(|_: jiff::Error| {
        let text = crate::extract::quoted(text);
        Problem::bad_request(format!(
            "{name} must be a time such as 2025-08-07T13:15:04Z (RFC 3339), not {text}"
        ))
    })
}

/// Servers, page by page, by name.
///
/// An entry is one version of a server: ask with `version=latest` for one entry a server.
#[utoipa::path(
    get, path = "/v0.1/servers", tag = "mcp", operation_id = "listServers", params(ListParameters),
    responses(
        (status = 200, description = "A page", body = ServerList),
        (status = 400, description = "A parameter is malformed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database is not available", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(app): State<App>,
    QueryOf(parameters): QueryOf<ListParameters>,
) -> Result<Json<ServerList>, Problem> {
    let query = parameters.check()?;
    let page = registry::list(ready::database(&app).await?, &query).await?;
    Ok(Json(page.into()))
}

/// The versions of a server, newest first.
///
/// All of them, unless there are more than fit on a page: then `metadata.nextCursor` leads to the rest.
#[utoipa::path(
    get, path = "/v0.1/servers/{serverName}/versions", tag = "mcp", operation_id = "listServerVersions",
    params(
        ("serverName" = String, Path, description = "The name, its slash encoded", example = "com.example%2Fmy-server"),
        VersionsParameters,
    ),
    responses(
        (status = 200, description = "A page", body = ServerList),
        (status = 400, description = "A parameter is malformed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such server", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database is not available", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn versions(
    State(app): State<App>,
    PathOf(name): PathOf<String>,
    QueryOf(parameters): QueryOf<VersionsParameters>,
) -> Result<Json<ServerList>, Problem> {
    let request = parameters.check()?;
    let page = registry::versions(ready::database(&app).await?, &name, request).await?;
    Ok(Json(page.into()))
}

/// One version of a server, or its latest.
#[utoipa::path(
    get, path = "/v0.1/servers/{serverName}/versions/{version}", tag = "mcp", operation_id = "getServerVersion",
    params(
        ("serverName" = String, Path, description = "The name, its slash encoded", example = "com.example%2Fmy-server"),
        ("version" = String, Path, description = "An exact version, or `latest`", example = "latest"),
        DeletedParameter,
    ),
    responses(
        (status = 200, description = "The version", body = ServerEntry),
        (status = 400, description = "A parameter is malformed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such server or version", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database is not available", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn version(
    State(app): State<App>,
    PathOf((name, version)): PathOf<(String, String)>,
    QueryOf(deleted): QueryOf<DeletedParameter>,
) -> Result<Json<ServerEntry>, Problem> {
    let include_deleted = deleted.check()?;
    let found = registry::get(
        ready::database(&app).await?,
        &name,
        &version,
        include_deleted,
    )
    .await?;
    Ok(Json(found.into()))
}

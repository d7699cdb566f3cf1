//! `/api/v1/registry/items…`: the registry's own view, one entry a server.

use crate::app::App;
use crate::extract::{PathOf, QueryOf, whole_number};
use crate::problem::{Problem, ProblemBody};
use crate::ready;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_stores::registry::{self, Item, ItemRequest, Page};

/// What narrows a list of items. Unknown parameters are ignored.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemParameters {
    /// `next_cursor` of the page before. It carries the search: it need not be repeated.
    #[param(pattern = "^[A-Za-z0-9_-]*$", max_length = 4096)]
    cursor: Option<String>,
    /// How many at most. Empty is as if it were not given.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 30)]
    limit: Option<String>,
    /// Only items whose name, title or description contains this, in any case.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// A page of items.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ItemPage {
    items: Vec<ItemBody>,
    /// Items on this page.
    count: usize,
    /// Give it back as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// A registered service.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Item)]
pub(crate) struct ItemBody {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    name: String,
    /// The title, else the name.
    display_name: String,
    description: String,
    /// The latest version.
    version: String,
    /// `stdio` or `http`.
    #[schema(example = "stdio")]
    protocol: &'static str,
    /// `unknown`: no item is probed yet.
    #[schema(example = "unknown")]
    status: &'static str,
    /// Where its package or code is.
    location: Option<String>,
    /// The URL of its first remote.
    endpoint: Option<String>,
    /// The port that the endpoint names.
    port: Option<u16>,
    /// Not when its latest version is deprecated.
    is_enabled: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Page<Item>> for ItemPage {
    fn from(page: Page<Item>) -> Self {
        let Page {
            entries,
            next_cursor,
        } = page;
        let items: Vec<ItemBody> = entries.into_iter().map(ItemBody::from).collect();
        Self {
            count: items.len(),
            items,
            next_cursor,
        }
    }
}

impl From<Item> for ItemBody {
    fn from(item: Item) -> Self {
        Self {
            id: item.id.to_string(),
            name: item.name,
            display_name: item.display_name,
            description: item.description,
            version: item.version,
            protocol: item.protocol.as_str(),
            status: "unknown",
            location: item.location,
            endpoint: item.endpoint,
            port: item.port,
            is_enabled: item.is_enabled,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

/// Items, page by page, by name.
#[utoipa::path(
    get, path = "/api/v1/registry/items", tag = "registry", operation_id = "listItems", params(ItemParameters),
    responses(
        (status = 200, description = "A page", body = ItemPage),
        (status = 400, description = "A parameter is malformed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database is not available", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(app): State<App>,
    QueryOf(parameters): QueryOf<ItemParameters>,
) -> Result<Json<ItemPage>, Problem> {
    let limit = whole_number("limit", parameters.limit.as_ref())?;
    let request = ItemRequest {
        limit,
        cursor: parameters.cursor,
        search: parameters.search,
    };
    let page = registry::items(ready::database(&app).await?, request).await?;
    Ok(Json(page.into()))
}

/// One item, by name.
#[utoipa::path(
    get, path = "/api/v1/registry/items/{name}", tag = "registry", operation_id = "getItem",
    params(("name" = String, Path, description = "The name, its slash encoded or not", example = "com.example%2Fmy-server")),
    responses(
        (status = 200, description = "The item", body = ItemBody),
        (status = 400, description = "The name is no text", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such item", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database is not available", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn item(
    State(app): State<App>,
    PathOf(name): PathOf<String>,
) -> Result<Json<ItemBody>, Problem> {
    let item = registry::item(ready::database(&app).await?, &name).await?;
    Ok(Json(item.into()))
}

//! `underpin registry list`

use crate::context::Context;
use crate::exit::Exit;
use crate::output::one_line;
use serde::Serialize;
use underpin_stores::registry::{self, ListQuery, ListRequest, Page, ServerVersion};

/// Options of `underpin registry list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only servers whose name, title or description contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// How many at most, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 100, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(1..=100))]
    limit: i64,

    /// Where the list before ended, as it said
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,

    /// All versions instead of the latest ones
    #[arg(long)]
    all_versions: bool,

    /// Also deleted servers
    #[arg(long)]
    include_deleted: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        search,
        limit,
        cursor,
        all_versions,
        include_deleted,
    } = args;
    let query = ListQuery::new(ListRequest {
        cursor,
        limit: Some(limit),
        search,
        version: (!all_versions).then(|| "latest".into()),
        include_deleted: include_deleted.then_some(true),
        ..ListRequest::default()
    })?;
    let db = context.database().await?;
    let page = registry::list(&db, &query).await;
    db.close().await;
    let page = page?;
    if context.json {
        context.out_json(&Listed::of(&page))?
    } else {
        table(&page, context)?
    }
    Ok(Exit::Done)
}

/// Name, version and description in columns; a status that is not `active` is named.
fn table(page: &Page<ServerVersion>, context: &Context) -> anyhow::Result<()> {
    let width = |text: fn(&ServerVersion) -> &str| {
        page.entries
            .iter()
            .map(|server| one_line(text(server)).chars().count())
            .max()
            .unwrap_or_default()
    };
    let (names, versions) = (
        width(|server| &server.name),
        width(|server| &server.version),
    );
    for ServerVersion {
        name,
        version,
        description,
        status,
        ..
    } in &page.entries
    {
        let status = if status.as_str() == "active" {
            String::new()
        } else {
            format!("[{status}] ")
        };
        // Cleaned before they are padded: what a character becomes is longer.
        let (name, version) = (one_line(name), one_line(version));
        context.out(format_args!(
            "{name:names$}  {version:versions$}  {status}{description}"
        ))?;
    }
    if page.entries.is_empty() {
        context.note("no servers; `underpin registry import PATH` stores some");
    }
    if let Some(cursor) = &page.next_cursor {
        context.note(format_args!("there are more: add --cursor {cursor}"));
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    servers: Vec<Server<'a>>,
    next_cursor: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Server<'a> {
    name: &'a str,
    version: &'a str,
    title: Option<&'a str>,
    description: &'a str,
    status: &'static str,
    is_latest: bool,
    published_at: jiff::Timestamp,
    updated_at: jiff::Timestamp,
}

impl<'a> Listed<'a> {
    fn of(page: &'a Page<ServerVersion>) -> Self {
        let server = |server: &'a ServerVersion| Server {
            name: &server.name,
            version: &server.version,
            title: server.title.as_deref(),
            description: &server.description,
            status: server.status.as_str(),
            is_latest: server.is_latest,
            published_at: server.published_at,
            updated_at: server.updated_at,
        };
        Self {
            servers: page.entries.iter().map(server).collect(),
            next_cursor: page.next_cursor.as_deref(),
        }
    }
}

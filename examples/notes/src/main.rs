//! Notes: a whole small service on Underpin. Models, migrations, HTTP routes; its tests are in `tests.rs`.
//!
//! ```sh
//! cargo run -p notes          # on a private PostgreSQL that it starts; DATABASE_URL=postgres://… takes yours
//!
//! cd examples/notes           # here its other arguments are the commands of `underpin`, with these models:
//! cargo run -p notes -- migrate check     # then change a model, and: migrate new NAME
//!
//! json='Content-Type: application/json'; me='X-User: ada@example.org'; at=http://127.0.0.1:8000
//! curl $at/authors -H "$json" -d '{"name": "Ada"}'
//! curl $at/notes -H "$json" -H "$me" -d '{"title": "first", "tags": ["a", "b"], "author_id": "…"}'
//! curl -g "$at/notes?tags=a&created_at[gte]=2026-01-01&sort=-created_at&limit=2&total=true"
//! curl -i $at/notes/…                                                        # its ETag goes into If-Match
//! curl -X PATCH $at/notes/… -H "$json" -H "$me" -H 'If-Match: "…"' -d '{"title": "second"}'
//! curl -X DELETE $at/notes/… -H "$me"; curl -X POST $at/notes/…/restore -H "$me"
//! ```
//!
//! Whatever is refused comes back as `application/problem+json`, naming the field: try an empty title, `sort=colour`, the
//! same title twice, an author that is not there, an old `ETag`.

use std::process::ExitCode;
use underpin::axum::extract::{RawQuery, State};
use underpin::axum::http::StatusCode;
use underpin::axum::http::header::{ETAG, HeaderMap, IF_MATCH};
use underpin::axum::response::{IntoResponse, Json, Response};
use underpin::axum::routing::{get, post};
use underpin::axum::{self, Router};
use underpin::include_dir;
use underpin::local::{self, Cluster};
use underpin::migrate::{self, Chain, Migrator, Target};
use underpin::model::Cursor;
use underpin::prelude::*;
use underpin::serde_json::json;
use underpin::server::Problem;
use underpin::server::extract::{JsonOf, PathOf};
use underpin::vocabulary::config::Sources;

#[cfg(test)]
mod tests;

/// Who writes notes.
#[derive(Debug, Clone, Model)]
#[model(deserialize)]
struct Author {
    #[model(flatten)]
    base: Base,
    #[model(length(min = 1), max_len = 80)]
    name: String,
}

/// A note. `base` gives an id (uuid v7), when and by whom it was made, changed and deleted, and whether it is active.
#[derive(Debug, Clone, Model)]
#[model(deserialize, index(created_at desc, id desc))]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(unique, length(min = 1), max_len = 255)]
    title: String,
    #[model(index = "gin", length(max = 20), default = "'{}'")]
    tags: Vec<String>,
    #[model(references = Author, on_delete = "cascade", index)]
    author_id: Id<Author>,
}

/// Serves; with arguments it is every command of `underpin`, for these models.
fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    if std::env::args_os().len() > 1 {
        return Ok(underpin::cli::main());
    }
    serve()?;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main]
async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let mut config = Config::load(&Sources::of_process())?;
    let mut cluster = None;
    if config.database.url.is_none() {
        let started = Cluster::start(local::Settings::from_config(&config.local)?).await?;
        config.database.url = Some(cluster.insert(started).url(local::DATABASE));
    }
    let options = Options::try_from(&config)?;
    let migrator = Migrator::new(options.clone(), migrations()?);
    migrator.up(Target::All).await?;
    let db = Database::connect(options).await?;
    let listener = tokio::net::TcpListener::bind(config.server.listen.to_string()).await?;
    tracing::info!("notes are at http://{}/notes", listener.local_addr()?);
    let stopped = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    let service = axum::serve(listener, router(db.clone()));
    service.with_graceful_shutdown(stopped).await?;
    db.close().await;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    Ok(())
}

/// The files in `migrations/`, compiled in, under the name by which the commands know them.
fn migrations() -> Result<Chain, migrate::Error> {
    static FILES: include_dir::Dir<'_> =
        include_dir::include_dir!("$CARGO_MANIFEST_DIR/migrations");
    Chain::embedded("app", &FILES)
}

fn router(db: Database) -> Router {
    let note = get(get_note).patch(change_note).delete(delete_note);
    Router::new()
        .route("/authors", post(create_author))
        .route("/notes", get(list_notes).post(create_note))
        .route("/notes/{id}", note)
        .route("/notes/{id}/restore", post(restore_note))
        .with_state(db)
}

type Db = State<Database>;
type NoteId = PathOf<Id<Note>>;
type Answer = Result<Response, Problem>;

async fn create_author(
    State(db): Db,
    headers: HeaderMap,
    JsonOf(author): JsonOf<NewAuthor>,
) -> Answer {
    let authors = db.repository::<Author>();
    let author = authors.create(author, &actor(&headers)).await?;
    Ok((StatusCode::CREATED, Json(author.to_map(Fields::All)?)).into_response())
}

async fn create_note(State(db): Db, headers: HeaderMap, JsonOf(note): JsonOf<NewNote>) -> Answer {
    let notes = db.repository::<Note>();
    let note = notes.create(note, &actor(&headers)).await?;
    Ok((StatusCode::CREATED, shown(&note)?).into_response())
}

/// What may be asked is derived from the model. The authors of all notes come in one statement.
async fn list_notes(State(db): Db, RawQuery(query): RawQuery) -> Answer {
    let query = QueryRules::<Note>::new().parse(&query.unwrap_or_default())?;
    let (notes, authors) = (db.repository::<Note>(), db.repository::<Author>());
    let page = notes.list(query).await?;
    let authors = authors.load_parents(&page.rows, Note::AUTHOR_ID).await?;
    let mut shown = Vec::with_capacity(page.rows.len());
    for note in &page.rows {
        let mut map = note.to_map(Fields::Without(&["deleted_at", "is_active"]))?;
        let author = authors.get(&note.author_id).map(|a| a.name.as_str());
        map.insert("author".into(), author.into());
        shown.push(map);
    }
    let cursor = |cursor: Option<Cursor>| cursor.map(|cursor| cursor.to_string());
    let (next, previous) = (cursor(page.next), cursor(page.previous));
    let page = json!({
        "notes": shown, "next_cursor": next, "previous_cursor": previous, "total": page.total,
    });
    Ok(Json(page).into_response())
}

async fn get_note(State(db): Db, PathOf(id): NoteId) -> Answer {
    shown(&db.repository::<Note>().get(id).await?)
}

/// What the body does not name stays.
async fn change_note(
    State(db): Db,
    PathOf(id): NoteId,
    headers: HeaderMap,
    JsonOf(patch): JsonOf<NotePatch>,
) -> Answer {
    let (notes, actor) = (db.repository::<Note>(), actor(&headers));
    let Some(wanted) = headers.get(IF_MATCH) else {
        return shown(&notes.update(id, patch, &actor).await?);
    };
    let seen = notes.get(id).await?;
    if *wanted != etag(&seen) {
        let stale = "the note was changed meanwhile";
        return Err(Problem::new(StatusCode::PRECONDITION_FAILED, stale));
    }
    shown(&notes.update_unchanged(&seen, patch, &actor).await?)
}

/// The row stays, marked, and its title is free again.
async fn delete_note(State(db): Db, PathOf(id): NoteId, headers: HeaderMap) -> Answer {
    let notes = db.repository::<Note>();
    notes.delete(id, &actor(&headers)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn restore_note(State(db): Db, PathOf(id): NoteId, headers: HeaderMap) -> Answer {
    let notes = db.repository::<Note>();
    shown(&notes.restore(id, &actor(&headers)).await?)
}

/// Who asks; a real service would ask for a proof.
fn actor(headers: &HeaderMap) -> Actor {
    let name = headers.get("x-user").and_then(|name| name.to_str().ok());
    Actor::user(name.unwrap_or("anonymous"))
}

fn shown(note: &Note) -> Answer {
    let body = Json(note.to_map(Fields::All)?);
    Ok(([(ETAG, etag(note))], body).into_response())
}

/// Every change moves `updated_at`.
fn etag(note: &Note) -> String {
    format!("\"{}\"", note.base.updated_at.as_microsecond())
}

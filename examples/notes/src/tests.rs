//! The service as its clients see it, on a real PostgreSQL.

use super::{Author, Note, migrations, router};
use tower::ServiceExt;
use underpin::axum::body::{Body, to_bytes};
use underpin::axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use underpin::axum::http::{Method, Request};
use underpin::axum::response::Response;
use underpin::model::create_tables;
use underpin::prelude::Model;
use underpin::schema::{Catalog, Schema, Scope};
use underpin::serde_json::{self, Value, json};
use underpin_testkit::TestDb;

struct Client(TestDb);

/// Status, `ETag` and body of an answer.
type Answer = (u16, String, Value);

impl Client {
    async fn new() -> Self {
        Self(TestDb::migrated(&migrations().unwrap()).await)
    }

    async fn send(&self, method: Method, path: &str, tag: Option<&str>, body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(tag) = tag {
            request = request.header(IF_MATCH, tag);
        }
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("X-User", "ada@example.org")
            .body(Body::from(body.to_string()));
        let router = router(self.0.database().clone());
        read(router.oneshot(request.unwrap()).await.unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, None, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Value::Null).await
    }

    /// A new author's id.
    async fn author(&self) -> Value {
        let (status, _, author) = self.post("/authors", json!({ "name": "Ada" })).await;
        assert_eq!(status, 201, "{author}");
        author["id"].clone()
    }

    /// A new note's path and `ETag`.
    async fn note(&self, author: &Value, title: &str) -> (String, String) {
        let body = json!({ "title": title, "tags": ["a", title], "author_id": author });
        let (status, tag, note) = self.post("/notes", body).await;
        assert_eq!(status, 201, "{note}");
        (format!("/notes/{}", note["id"].as_str().unwrap()), tag)
    }
}

async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let tag = response.headers().get(ETAG);
    let tag = tag.map_or("", |tag| tag.to_str().unwrap()).to_owned();
    if status >= 400 {
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    }
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (
        status,
        tag,
        serde_json::from_slice(&body).unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_note_lives_from_creation_to_restoration() {
    let client = Client::new().await;
    let (path, tag) = client.note(&client.author().await, "first").await;
    let (status, same_tag, note) = client.get(&path).await;
    assert_eq!((status, &same_tag), (200, &tag));
    assert_eq!(note["created_by"], "ada@example.org");
    let (title, tags) = (json!({ "title": "second" }), json!({ "tags": [] }));
    let change =
        async |tag, body: &Value| client.send(Method::PATCH, &path, tag, body.clone()).await;
    let (status, newer, note) = change(Some(&tag), &title).await;
    assert_eq!(
        (status, &note["title"], &note["tags"][0]),
        (200, &json!("second"), &json!("a"))
    );
    assert_ne!(newer, tag);
    assert_eq!(change(Some(&tag), &tags).await.0, 412);
    assert_eq!(change(None, &tags).await.0, 200);
    assert_eq!(
        client
            .send(Method::DELETE, &path, None, Value::Null)
            .await
            .0,
        204
    );
    assert_eq!(client.get(&path).await.0, 404);
    let (status, _, note) = client.post(&format!("{path}/restore"), Value::Null).await;
    assert_eq!((status, &note["tags"]), (200, &json!([])));
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged_by_the_query_string() {
    let client = Client::new().await;
    let author = client.author().await;
    for title in ["x", "y", "z"] {
        client.note(&author, title).await;
    }
    let titles = |page: &Value| -> Vec<String> {
        let notes = page["notes"].as_array().unwrap().iter();
        notes
            .map(|note| note["title"].as_str().unwrap().into())
            .collect()
    };
    let (_, _, page) = client
        .get("/notes?tags=a&sort=-title&limit=2&total=true")
        .await;
    assert_eq!(
        (titles(&page), &page["total"]),
        (vec!["z".into(), "y".into()], &json!(3))
    );
    assert_eq!(page["notes"][0]["author"], "Ada");
    let cursor = page["next_cursor"].as_str().unwrap();
    let (_, _, page) = client.get(&format!("/notes?cursor={cursor}")).await;
    assert_eq!(
        (titles(&page), &page["next_cursor"]),
        (vec!["x".into()], &Value::Null)
    );
    let cursor = page["previous_cursor"].as_str().unwrap();
    let (_, _, page) = client.get(&format!("/notes?cursor={cursor}&limit=1")).await;
    assert_eq!(titles(&page), ["y"]);
    assert_eq!(titles(&client.get("/notes?tags=a,y").await.2), ["y"]);
}

#[tokio::test]
async fn whatever_is_refused_names_the_field() {
    let client = Client::new().await;
    let author = client.author().await;
    client.note(&author, "taken").await;
    let refused = async |body: Value| {
        let (status, _, problem) = client.post("/notes", body).await;
        let fault = |name: &str| problem["errors"][0][name].as_str().map(String::from);
        (status, fault("pointer"), fault("constraint"))
    };
    let expect = |status, pointer: &str, constraint: Option<&str>| {
        (
            status,
            Some(String::from(pointer)),
            constraint.map(String::from),
        )
    };
    let note = |title: &str| json!({ "title": title, "author_id": author });
    assert_eq!(refused(note("")).await, expect(400, "/title", None));
    assert_eq!(
        refused(note(&"x".repeat(256))).await,
        expect(400, "/title", None)
    );
    let taken = refused(note("taken")).await;
    assert_eq!(taken, expect(409, "/title", Some("notes_title_idx")));
    let nobody = json!({ "title": "x", "author_id": "0192e4a0-0000-7000-8000-000000000000" });
    let nobody = refused(nobody).await;
    assert_eq!(
        nobody,
        expect(409, "/author_id", Some("notes_author_id_fkey"))
    );
    let both = json!({ "title": "", "author_id": author, "tags": vec!["x"; 21] });
    let (_, _, problem) = client.post("/notes", both).await;
    let pointers = |at: usize| problem["errors"][at]["pointer"].clone();
    assert_eq!([pointers(0), pointers(1)], ["/title", "/tags"], "{problem}");
    assert_eq!(refused(json!({ "title": 1 })).await.0, 422);
    assert_eq!(refused(json!({ "title": "x" })).await.0, 422);
    let unknown = json!({ "title": "x", "author_id": author, "created_by": "eve" });
    assert_eq!(refused(unknown).await.0, 422);
    for (query, parameter) in [
        ("sort=colour", "sort"),
        ("limit=0", "limit"),
        ("tags[like]=a", "tags[like]"),
    ] {
        let (status, _, problem) = client.get(&format!("/notes?{query}")).await;
        assert_eq!(
            (status, &problem["errors"][0]["parameter"]),
            (400, &json!(parameter)),
            "{problem}"
        );
    }
    assert_eq!(client.get("/notes/none").await.0, 400);
}

/// What `underpin migrate diff` would find: nothing.
#[tokio::test]
async fn the_migrations_make_what_the_models_ask_for() {
    let migrated = TestDb::migrated(&migrations().unwrap()).await;
    let made = TestDb::empty().await;
    let wanted = create_tables(made.database(), [Author::TABLE, Note::TABLE]);
    wanted.await.unwrap();
    let tables = async |db: &TestDb| -> Schema {
        let scope = Scope::only(["public"]);
        Catalog::read(db.database(), &scope).await.unwrap().schema
    };
    assert_eq!(tables(&migrated).await.tables, tables(&made).await.tables);
}

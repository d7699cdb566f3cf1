//! `GET /v0.1/servers`: rules 1, 4, 7 to 10 and 12 of the read API.

use crate::support::{Client, Service, delete, document, migrated, publish_all};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Name and version of each entry.
fn entries(page: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| String::from(value.as_str().unwrap());
    let entries = page["servers"].as_array().unwrap().iter();
    entries
        .map(|entry| {
            (
                text(&entry["server"]["name"]),
                text(&entry["server"]["version"]),
            )
        })
        .collect()
}

fn names(page: &Value) -> Vec<String> {
    entries(page).into_iter().map(|(name, _)| name).collect()
}

async fn get(client: &Client, query: &str) -> Value {
    let answer = client.get(&format!("/v0.1/servers{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// Walks all pages; from the second on only the cursor is sent, as it is.
async fn walk(client: &Client, first: &str) -> Vec<(String, String)> {
    let mut page = get(client, first).await;
    let mut seen = entries(&page);
    while let Some(cursor) = page["metadata"]["nextCursor"].as_str() {
        assert!(
            cursor
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{cursor}"
        );
        assert!(seen.len() < 1000, "the walk does not end");
        page = get(client, &format!("?limit=3&cursor={cursor}")).await;
        seen.extend(entries(&page));
    }
    seen
}

#[tokio::test]
async fn an_empty_registry_is_an_empty_list_with_metadata() {
    let database = migrated().await;
    let service = Service::on(database.database().clone()).await;
    let page = get(&service.client, "").await;
    assert_eq!(page, json!({ "servers": [], "metadata": { "count": 0 } }));
}

#[tokio::test]
async fn an_entry_is_the_published_document_byte_for_byte_and_six_fields_about_it() {
    let database = migrated().await;
    let published = "{ \"version\" : \"1.0.0\",\n  \"x-unknown\": [1.50, 1e2, \"caf\\u00e9\"],\n\t\"name\":\"com.example/exact\",\
                     \"description\":\"Ünïcode \\/ escapes\", \"_meta\": {\"com.example/own\": {\"b\":1,\"a\":2}} }";
    publish_all(database.database(), [String::from(published)]).await;
    let service = Service::on(database.database().clone()).await;
    for target in [
        "/v0.1/servers",
        "/v0.1/servers/com.example%2Fexact/versions",
        "/v0.1/servers/com.example%2Fexact/versions/latest",
    ] {
        let answer = service.client.get(target).await;
        assert!(answer.body.contains(published), "{target}: {}", answer.body);
        let body = answer.json();
        let entry = if body["servers"].is_array() {
            &body["servers"][0]
        } else {
            &body
        };
        assert_eq!(
            entry.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["_meta", "server"]
        );
        let official = entry["_meta"]["io.modelcontextprotocol.registry/official"]
            .as_object()
            .unwrap();
        let fields: BTreeSet<&str> = official.keys().map(String::as_str).collect();
        assert_eq!(
            fields,
            BTreeSet::from([
                "status",
                "statusChangedAt",
                "publishedAt",
                "updatedAt",
                "isLatest"
            ])
        );
        assert_eq!(
            (&official["status"], &official["isLatest"]),
            (&json!("active"), &json!(true))
        );
        for field in ["statusChangedAt", "publishedAt", "updatedAt"] {
            let time = official[field].as_str().unwrap();
            assert!(
                time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(),
                "{time}"
            );
        }
    }
}

#[tokio::test]
async fn a_walk_over_pages_shows_every_version_once() {
    let database = migrated().await;
    let published: BTreeSet<(String, String)> = (0..5)
        .flat_map(|server| {
            (0..3).map(move |minor| (format!("com.example/s{server}"), format!("1.{minor}.0")))
        })
        .collect();
    publish_all(
        database.database(),
        published
            .iter()
            .map(|(name, version)| document(name, version)),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    let seen = walk(&service.client, "?limit=4").await;
    assert_eq!(seen.len(), published.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), published);

    let page = get(&service.client, "?limit=4").await;
    assert_eq!(page["metadata"]["count"], 4);
    let page = get(&service.client, "?limit=100").await;
    assert_eq!(
        (
            &page["metadata"]["count"],
            page["metadata"].get("nextCursor")
        ),
        (&json!(15), None)
    );
}

#[tokio::test]
async fn a_page_has_30_entries_unless_asked_otherwise() {
    let database = migrated().await;
    publish_all(
        database.database(),
        (0..33).map(|n| document(&format!("com.example/s{n:02}"), "1.0.0")),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    assert_eq!(get(&service.client, "").await["metadata"]["count"], 30);
    assert_eq!(
        get(&service.client, "?limit=&cursor=&search=").await["metadata"]["count"],
        30
    );
    // What VS Code sends first.
    assert_eq!(
        get(&service.client, "?limit=50&version=latest").await["metadata"]["count"],
        33
    );
}

#[tokio::test]
async fn a_search_finds_any_part_in_any_case_and_page_2_needs_only_the_cursor() {
    let database = migrated().await;
    let wanted = (0..7).map(|n| document(&format!("com.example/Weather{n}"), "1.0.0"));
    let others = (0..7).map(|n| document(&format!("com.example/other{n}"), "1.0.0"));
    publish_all(database.database(), wanted.chain(others)).await;
    let title = r#"{"name":"com.example/z","title":"A WEATHER station","description":"100% sure","version":"1.0.0"}"#;
    publish_all(database.database(), [String::from(title)]).await;
    let service = Service::on(database.database().clone()).await;
    let found = walk(&service.client, "?search=wEAther&limit=3").await;
    assert_eq!(found.len(), 8);
    assert!(found.iter().all(|(name, _)| !name.contains("other")));
    assert_eq!(
        names(&get(&service.client, "?search=100%25").await),
        ["com.example/z"]
    );
    assert_eq!(
        names(&get(&service.client, "?search=100%").await),
        ["com.example/z"]
    );
    assert!(names(&get(&service.client, "?search=_").await).is_empty());
    assert!(names(&get(&service.client, "?search=nothing+of+the+kind").await).is_empty());
}

#[tokio::test]
async fn a_version_filter_shows_the_latest_or_an_exact_one() {
    let database = migrated().await;
    let published = [
        ("a", "1.0.0"),
        ("a", "2.0.0"),
        ("a", "1.1.0"),
        ("b", "1.0.0"),
        ("c", "1.0.0+2013"),
    ];
    publish_all(
        database.database(),
        published.map(|(name, version)| document(&format!("com.example/{name}"), version)),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter()
            .map(|(name, version)| (format!("com.example/{name}"), String::from(*version)))
            .collect()
    };
    let check = async |query: &str, expected: &[(&str, &str)]| {
        assert_eq!(
            entries(&get(&service.client, query).await),
            pairs(expected),
            "{query}"
        );
    };
    check(
        "?version=latest",
        &[("a", "2.0.0"), ("b", "1.0.0"), ("c", "1.0.0+2013")],
    )
    .await;
    check("?version=1.0.0", &[("a", "1.0.0"), ("b", "1.0.0")]).await;
    check("?version=1.0.0%2B2013", &[("c", "1.0.0+2013")]).await;
    check("?version=9.9.9", &[]).await;
    check(
        "?version=latest&unknown=1&also%20unknown",
        &[("a", "2.0.0"), ("b", "1.0.0"), ("c", "1.0.0+2013")],
    )
    .await;
}

#[tokio::test]
async fn deleted_versions_are_shown_to_those_who_ask_and_to_mirrors() {
    let database = migrated().await;
    publish_all(
        database.database(),
        ["gone", "kept"].map(|name| document(&format!("com.example/{name}"), "1.0.0")),
    )
    .await;
    delete(database.database(), "com.example/gone", "1.0.0").await;
    let service = Service::on(database.database().clone()).await;
    let check = async |query: &str, expected: &[&str]| {
        assert_eq!(
            names(&get(&service.client, query).await),
            expected,
            "{query}"
        );
    };
    check("", &["com.example/kept"]).await;
    check("?include_deleted=false", &["com.example/kept"]).await;
    check(
        "?include_deleted=true",
        &["com.example/gone", "com.example/kept"],
    )
    .await;
    check(
        "?updated_since=2020-01-01T00:00:00Z",
        &["com.example/gone", "com.example/kept"],
    )
    .await;
    check(
        "?updated_since=2020-01-01T00:00:00Z&include_deleted=false",
        &["com.example/gone", "com.example/kept"],
    )
    .await;
    check(
        "?updated_since=2020-01-01T02:00:00%2B02:00",
        &["com.example/gone", "com.example/kept"],
    )
    .await;
    check(
        "?updated_since=2020-01-01T02:00:00+02:00",
        &["com.example/gone", "com.example/kept"],
    )
    .await;
    check("?updated_since=2999-01-01T00:00:00.123Z", &[]).await;
    let page = get(&service.client, "?include_deleted=true").await;
    let official = &page["servers"][0]["_meta"]["io.modelcontextprotocol.registry/official"];
    assert_eq!(
        (&official["status"], &official["statusMessage"]),
        (&json!("deleted"), &json!("withdrawn"))
    );
}

#[tokio::test]
async fn a_malformed_parameter_is_a_400_that_names_it() {
    // Refused before the database is asked: there is none.
    let service = Service::without_database().await;
    let long = "x".repeat(10_000);
    for (query, name) in [
        ("limit=-1", "limit"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=forged", "cursor"),
        ("cursor=eyJuIjoiYS9iIn0", "cursor"),
        (&format!("cursor={long}"), "cursor"),
        ("updated_since=", "updated_since"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2025-08-07", "updated_since"),
        ("updated_since=2025-13-07T00:00:00Z", "updated_since"),
        ("include_deleted=maybe", "include_deleted"),
        (&format!("search={long}"), "search"),
        (&format!("version={long}"), "version"),
        ("limit=1&limit=2", "limit"),
    ] {
        let detail = service
            .client
            .get(&format!("/v0.1/servers?{query}"))
            .await
            .problem(400);
        assert!(detail.contains(name), "{query}: {detail}");
        assert!(detail.len() < 300, "{detail}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let database = migrated().await;
    publish_all(
        database.database(),
        (0..3).map(|n| document(&format!("com.example/s{n}"), "1.0.0")),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    let page = get(&service.client, "?limit=1&search=s").await;
    let cursor = page["metadata"]["nextCursor"].as_str().unwrap();
    service
        .client
        .get(&format!("/v0.1/servers?cursor={cursor}&search=other"))
        .await
        .problem(400);
    service
        .client
        .get(&format!("/api/v1/registry/items?cursor={cursor}"))
        .await
        .problem(400);
    let mut forged = String::from(cursor);
    forged.insert(forged.len() / 2, 'A');
    service
        .client
        .get(&format!("/v0.1/servers?cursor={forged}"))
        .await
        .problem(400);
}

//! Items: servers, seen through their latest version.

use crate::support::{published, registry};
use underpin_core::ErrorKind;
use underpin_stores::registry::{ItemRequest, Protocol, item, items, seed_examples};

#[tokio::test]
async fn items_are_the_latest_versions() {
    let db = registry().await;
    seed_examples(db.database()).await.unwrap();
    let page = items(db.database(), ItemRequest::default()).await.unwrap();
    let names: Vec<&str> = page.entries.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "com.example.data/warehouse",
            "com.example/clock",
            "com.example/notes",
            "com.example/weather"
        ]
    );
    let weather = item(db.database(), "com.example/weather").await.unwrap();
    assert_eq!(weather.protocol, Protocol::Http);
    assert_eq!(weather.display_name, "Weather");
    let clock = item(db.database(), "com.example/clock").await.unwrap();
    assert_eq!(
        (clock.version.as_str(), clock.location.as_deref()),
        ("1.1.0", Some("@example/clock-mcp"))
    );
    for missing in ["com.example/none", "\0", ""] {
        assert_eq!(
            item(db.database(), missing).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
    }
}

#[tokio::test]
async fn pages_of_items_carry_their_search() {
    let db = registry().await;
    for server in 0..5 {
        published(db.database(), &format!("a/s{server}"), "1.0.0").await;
        published(db.database(), &format!("b/t{server}"), "1.0.0").await;
    }
    let mut seen = Vec::new();
    let mut request = ItemRequest {
        limit: Some(2),
        search: Some("B/T".into()),
        ..ItemRequest::default()
    };
    loop {
        let page = items(db.database(), request).await.unwrap();
        seen.extend(page.entries.into_iter().map(|item| item.name));
        let Some(cursor) = page.next_cursor else {
            break;
        };
        request = ItemRequest {
            limit: Some(2),
            cursor: Some(cursor),
            search: None,
        };
    }
    assert_eq!(seen, ["b/t0", "b/t1", "b/t2", "b/t3", "b/t4"]);
    let forged = ItemRequest {
        cursor: Some("AAAA".into()),
        ..ItemRequest::default()
    };
    assert_eq!(
        items(db.database(), forged).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

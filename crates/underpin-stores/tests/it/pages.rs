//! Pages: trap 7, trap 5 and page 2 of a search.

use crate::support::{described, document, listed, published, registry};
use std::collections::HashSet;
use underpin_core::ErrorKind;
use underpin_pool::Database;
use underpin_stores::registry::{ListQuery, ListRequest, list, publish};

/// Walks all pages; `between` runs after each.
async fn walk(
    db: &Database,
    mut request: ListRequest,
    mut between: impl AsyncFnMut(usize),
) -> Vec<String> {
    let mut seen = Vec::new();
    for number in 0.. {
        let page = list(db, &ListQuery::new(request.clone()).unwrap())
            .await
            .unwrap();
        seen.extend(
            page.entries
                .iter()
                .map(|server| format!("{} {}", server.name, server.version)),
        );
        let Some(cursor) = page.next_cursor else {
            break;
        };
        // As VS Code does: the cursor and the limit, nothing else.
        request = ListRequest {
            cursor: Some(cursor),
            limit: request.limit,
            ..ListRequest::default()
        };
        between(number).await;
    }
    seen
}

#[tokio::test]
async fn a_page_walk_under_inserts_neither_repeats_nor_skips() {
    let db = registry().await;
    let db = db.database();
    for server in 0..20 {
        for version in 0..3 {
            published(db, &format!("a/s{server:02}"), &format!("1.{version}.0")).await;
        }
    }
    let request = ListRequest {
        limit: Some(7),
        ..ListRequest::default()
    };
    let seen = walk(db, request, async |page| {
        published(db, "a/s00", &format!("0.{page}.0")).await;
        published(db, &format!("a/s10-{page}"), "1.0.0").await;
        published(db, &format!("a/z{page}"), "1.0.0").await;
    })
    .await;
    let unique: HashSet<&String> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "an entry is repeated: {seen:?}");
    for server in 0..20 {
        for version in 0..3 {
            assert!(
                unique.contains(&format!("a/s{server:02} 1.{version}.0")),
                "{seen:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_walk_of_the_latest_versions_shows_each_server_once_while_versions_are_published() {
    let db = registry().await;
    let db = db.database();
    for server in 0..20 {
        published(db, &format!("a/s{server:02}"), "1.0.0").await;
    }
    let request = ListRequest {
        limit: Some(3),
        version: Some("latest".into()),
        ..ListRequest::default()
    };
    let seen = walk(db, request, async |page| {
        // The last entry of the page before, and the first of the next one.
        for server in [page * 3 + 2, page * 3 + 3]
            .into_iter()
            .filter(|server| *server < 20)
        {
            publish(db, document(&format!("a/s{server:02}"), "2.0.0"))
                .await
                .unwrap();
        }
    })
    .await;
    let names: Vec<&str> = seen
        .iter()
        .map(|entry| entry.split(' ').next().unwrap())
        .collect();
    let expected: Vec<String> = (0..20).map(|server| format!("a/s{server:02}")).collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn page_2_of_a_search_is_still_searched() {
    let db = registry().await;
    let db = db.database();
    for server in 0..9 {
        let description = if server % 2 == 0 {
            "Tells the Weather"
        } else {
            "Something else"
        };
        publish(db, described(&format!("a/s{server}"), "1.0.0", description))
            .await
            .unwrap();
    }
    let request = ListRequest {
        limit: Some(2),
        search: Some("wEATHER".into()),
        version: Some("latest".into()),
        ..ListRequest::default()
    };
    let seen = walk(db, request, async |_| ()).await;
    assert_eq!(
        seen,
        [
            "a/s0 1.0.0",
            "a/s2 1.0.0",
            "a/s4 1.0.0",
            "a/s6 1.0.0",
            "a/s8 1.0.0"
        ]
    );
}

#[tokio::test]
async fn a_search_is_a_substring_in_any_case_of_name_title_or_description() {
    let db = registry().await;
    let db = db.database();
    publish(
        db,
        described("com.Example/File_System", "1.0.0", "100% ÄRGER \\o/"),
    )
    .await
    .unwrap();
    publish(db, described("com.example/other", "1.0.0", "nothing"))
        .await
        .unwrap();
    let search = async |text: &str| {
        listed(
            db,
            ListRequest {
                search: Some(text.into()),
                ..ListRequest::default()
            },
        )
        .await
        .len()
    };
    for (text, expected) in [
        ("EXAMPLE", 2),
        ("file_system", 1),
        ("le/F", 1),
        ("ärger", 1),
        ("0% Ä", 1),
        ("\\O", 1),
        ("file%system", 0),
        ("f__e", 0),
        ("'; DROP TABLE registry_servers; --", 0),
        ("", 2),
    ] {
        assert_eq!(search(text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn hostile_filters_are_refused_or_find_nothing() {
    let db = registry().await;
    let db = db.database();
    published(db, "a/b", "1.0.0").await;
    let refused = |request: ListRequest| {
        assert_eq!(
            ListQuery::new(request).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    };
    refused(ListRequest {
        search: Some("x".repeat(10_000)),
        ..ListRequest::default()
    });
    refused(ListRequest {
        cursor: Some("eyJuYW1lIjoiYS9iIn0".into()),
        ..ListRequest::default()
    });
    refused(ListRequest {
        limit: Some(-1),
        ..ListRequest::default()
    });
    refused(ListRequest {
        version: Some("1\0".into()),
        ..ListRequest::default()
    });
    let odd = ListRequest {
        version: Some("' OR true --".into()),
        ..ListRequest::default()
    };
    assert!(listed(db, odd).await.is_empty());
    let long_ago = ListRequest {
        updated_since: Some(jiff::Timestamp::MIN),
        ..ListRequest::default()
    };
    assert_eq!(listed(db, long_ago).await, ["a/b 1.0.0"]);
    let far = ListRequest {
        updated_since: Some(jiff::Timestamp::MAX),
        ..ListRequest::default()
    };
    assert!(listed(db, far).await.is_empty());
}

#[tokio::test]
async fn an_exact_version_lists_the_servers_that_have_it() {
    let db = registry().await;
    let db = db.database();
    for (name, version) in [
        ("a/a", "1.0.0"),
        ("a/a", "2.0.0"),
        ("a/b", "1.0.0"),
        ("a/c", "1.0.0+x"),
    ] {
        published(db, name, version).await;
    }
    let version = |version: &str| ListRequest {
        version: Some(version.into()),
        ..ListRequest::default()
    };
    assert_eq!(
        listed(db, version("1.0.0")).await,
        ["a/a 1.0.0", "a/b 1.0.0"]
    );
    assert_eq!(listed(db, version("1.0.0+x")).await, ["a/c 1.0.0+x"]);
    assert_eq!(
        listed(db, version("latest")).await,
        ["a/a 2.0.0", "a/b 1.0.0", "a/c 1.0.0+x"]
    );
    assert_eq!(listed(db, ListRequest::default()).await.len(), 4);
}

//! The pages for people work offline and without a database.

use crate::support::Service;

/// What a page would load from elsewhere.
fn foreign(text: &str) -> Vec<&str> {
    [
        "src=\"http",
        "href=\"http",
        "src=\"//",
        "href=\"//",
        "@import",
        "url(http",
    ]
    .into_iter()
    .filter(|sign| text.contains(sign))
    .collect()
}

#[tokio::test]
async fn the_dashboard_is_one_self_contained_page() {
    let service = Service::without_database().await;
    let page = service.client.get("/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(foreign(&page.body).is_empty());
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    for link in [
        "/health",
        "/readyz?verbose",
        "/metrics",
        "/openapi.json",
        "/docs/",
        "/v0.1/servers",
    ] {
        assert!(page.body.contains(&format!("href=\"{link}\"")), "{link}");
        assert_ne!(service.client.get(link).await.status, 404, "{link}");
    }
    for asked in [
        "/api/v1/registry/statistics",
        "/v0.1/servers?version=latest&limit=10",
    ] {
        assert!(page.body.contains(asked));
        assert!(
            ![400, 404].contains(&service.client.get(asked).await.status),
            "{asked}"
        );
    }
}

#[tokio::test]
async fn the_api_page_and_all_it_loads_come_from_the_program() {
    let service = Service::without_database().await;
    let moved = service.client.get("/docs").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (303, Some("/docs/"))
    );
    let page = service.client.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(foreign(&page.body).is_empty());
    let loaded: Vec<&str> = page
        .body
        .split(['"', '\''])
        .filter(|text| text.ends_with(".js") || text.ends_with(".css"))
        .collect();
    assert!(loaded.len() >= 3, "{loaded:?}");
    for file in loaded {
        let answer = service
            .client
            .get(&format!("/docs/{}", file.trim_start_matches("./")))
            .await;
        assert_eq!(answer.status, 200, "{file}");
    }
    let start = service
        .client
        .get("/docs/swagger-initializer.js")
        .await
        .body;
    assert!(start.contains("/openapi.json"), "{start}");
    assert!(start.contains("\"validatorUrl\": \"none\""), "{start}");
}

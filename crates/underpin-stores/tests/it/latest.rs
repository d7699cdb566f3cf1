//! Trap 30: a back-port, a prerelease, a version that is not semantic, two at once: exactly one right latest.

use crate::support::{case, imported, latest, published, registry};
use serde_json::{Value, json};
use underpin_stores::registry::{is_range, is_semantic, publish};

#[tokio::test]
async fn exactly_one_version_is_the_latest_whatever_is_published() {
    let db = registry().await;
    let db = db.database();
    let check = async |name: &str, versions: &[&str], expected: &str| {
        for version in versions {
            published(db, name, version).await;
        }
        assert_eq!(latest(db, name).await, expected, "{versions:?}");
    };
    check("a/release", &["1.0.0", "1.1.0"], "1.1.0").await;
    check("a/back-port", &["1.1.0", "1.0.1"], "1.1.0").await;
    check("a/prerelease", &["1.2.3", "1.2.3-1"], "1.2.3").await;
    check("a/next-prerelease", &["1.2.3", "1.3.0-rc.1"], "1.3.0-rc.1").await;
    check("a/not-semantic", &["2.0.0", "2025-06-18"], "2025-06-18").await;
    check(
        "a/back-port-after",
        &["2.0.0", "2025-06-18", "1.9.9"],
        "2025-06-18",
    )
    .await;
    check(
        "a/semantic-again",
        &["2.0.0", "2025-06-18", "2.0.1"],
        "2.0.1",
    )
    .await;
    check("a/never-semantic", &["v2", "v1"], "v1").await;
    check("a/numbers", &["1.9.0", "1.10.0", "1.2.0"], "1.10.0").await;
    check("a/builds", &["1.0.0+2", "1.0.0+1"], "1.0.0+2").await;
}

#[tokio::test]
async fn the_published_version_cases_hold() {
    let Some(path) = case("version_cases.json") else {
        return;
    };
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    for version in texts(&cases["allowed"]) {
        assert!(!is_range(&version), "{version}");
    }
    for version in texts(&cases["prohibited"]) {
        assert!(is_range(&version), "{version}");
    }
    for (version, expected) in cases["semver"].as_object().unwrap() {
        assert_eq!(
            is_semantic(version),
            expected.as_bool().unwrap(),
            "{version}"
        );
    }
    let db = registry().await;
    for (index, case) in cases["latest_cases"].as_array().unwrap().iter().enumerate() {
        let name = format!("a/case{index}");
        for version in texts(&case["published_in_order"]) {
            published(db.database(), &name, &version).await;
        }
        assert_eq!(
            latest(db.database(), &name).await,
            case["latest"].as_str().unwrap(),
            "{case}"
        );
    }
}

#[tokio::test]
async fn versions_published_at_once_leave_one_right_latest() {
    const PUBLISHERS: u32 = 12;
    let db = registry().await;
    for round in 0..4 {
        let name = format!("a/at-once{round}");
        let mut publishers = tokio::task::JoinSet::new();
        for patch in 0..PUBLISHERS {
            let (db, document) = (
                db.database().clone(),
                crate::support::document(&name, &format!("1.0.{patch}")),
            );
            publishers.spawn(async move { publish(&db, document).await });
        }
        while let Some(outcome) = publishers.join_next().await {
            outcome.unwrap().unwrap();
        }
        assert_eq!(
            latest(db.database(), &name).await,
            format!("1.0.{}", PUBLISHERS - 1)
        );
    }
}

#[tokio::test]
async fn batches_of_the_same_servers_at_once_do_not_deadlock() {
    let db = registry().await;
    let mut importers = tokio::task::JoinSet::new();
    for version in 0..6 {
        let names: Vec<usize> = if version % 2 == 0 {
            (0..40).collect()
        } else {
            (0..40).rev().collect()
        };
        let documents: Vec<Value> = names
            .iter()
            .map(|name| json!({ "name": format!("a/s{name}"), "version": format!("{version}.0.0"), "description": "x" }))
            .collect();
        let (db, text) = (db.database().clone(), Value::from(documents).to_string());
        importers.spawn(async move { imported(&db, &text).await });
    }
    while let Some(report) = importers.join_next().await {
        assert_eq!(report.unwrap().imported, 40);
    }
    for name in 0..40 {
        assert_eq!(latest(db.database(), &format!("a/s{name}")).await, "5.0.0");
    }
}

#[tokio::test]
async fn a_mark_of_the_source_decides_in_an_import() {
    let db = registry().await;
    let entry = |version: &str, is_latest: bool| {
        json!({
            "server": { "name": "a/marked", "version": version, "description": "x" },
            "_meta": { "io.modelcontextprotocol.registry/official": { "status": "active", "isLatest": is_latest } }
        })
    };
    let first = json!({ "servers": [entry("1.0.0", true), entry("2.0.0", false)] }).to_string();
    assert_eq!(imported(db.database(), &first).await.imported, 2);
    assert_eq!(latest(db.database(), "a/marked").await, "1.0.0");
    // The mark moves: the versions are there already, and only their place changes.
    let second = json!({ "servers": [entry("1.0.0", false), entry("2.0.0", true)] }).to_string();
    let report = imported(db.database(), &second).await;
    assert_eq!((report.updated, report.unchanged), (1, 1));
    assert_eq!(latest(db.database(), "a/marked").await, "2.0.0");
    assert_eq!(imported(db.database(), &second).await.unchanged, 2);
}

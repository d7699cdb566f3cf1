//! Trap 28, the store's side: real input, counted.

use crate::support::{case, listed, registry};
use serde_json::Value;
use std::collections::BTreeMap;
use underpin_stores::registry::{Importer, ListRequest, Report, Source, Verdict, get};

async fn import(db: &underpin_pool::Database, path: &std::path::Path) -> Report {
    let mut importer = Importer::new(db);
    importer.add(&Source::from_file(path)).await.unwrap();
    importer.finish().await.unwrap()
}

#[tokio::test]
async fn all_real_servers_are_imported_and_served_as_published() {
    let Some(path) = case("real/servers.json") else {
        return;
    };
    let db = registry().await;
    let report = import(db.database(), &path).await;
    assert_eq!(
        (report.read, report.imported, report.problems.len()),
        (6, 6, 0)
    );
    let published: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for entry in published["servers"].as_array().unwrap() {
        let document = &entry["server"];
        let stored = get(
            db.database(),
            document["name"].as_str().unwrap(),
            "latest",
            false,
        )
        .await
        .unwrap();
        assert_eq!(
            &serde_json::from_str::<Value>(stored.document.get()).unwrap(),
            document
        );
    }
    let again = import(db.database(), &path).await;
    assert_eq!((again.read, again.unchanged), (6, 6));
    let search = ListRequest {
        search: Some("ARXIV".into()),
        ..ListRequest::default()
    };
    assert_eq!(
        listed(db.database(), search).await,
        ["io.github.stacklok/arxiv-mcp-server 1.0.0"]
    );
}

#[tokio::test]
async fn the_legacy_dump_is_imported_but_for_its_nameless_documents() {
    let Some(path) = case("real/legacy_seed.json") else {
        return;
    };
    let db = registry().await;
    let report = import(db.database(), &path).await;
    assert_eq!(
        (
            report.read,
            report.imported,
            report.rejected,
            report.conflicts
        ),
        (157, 153, 4, 0)
    );
    let rejected = report
        .problems
        .iter()
        .filter(|problem| problem.verdict == Verdict::Rejected);
    assert!(
        rejected
            .clone()
            .all(|problem| problem.faults.iter().any(|fault| fault.field == "name"))
    );
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in report
        .problems
        .iter()
        .filter(|problem| problem.verdict == Verdict::Repaired)
        .flat_map(|p| &p.faults)
    {
        *rules.entry(fault.rule).or_default() += 1;
    }
    println!("{} repaired: {rules:?}", report.repaired);
    assert_eq!(rules["description-empty"], 21);
    assert_eq!(rules["description-long"], 28);
    assert_eq!(rules["package-version-empty"], 29);
    let again = import(db.database(), &path).await;
    assert_eq!(
        (again.imported, again.unchanged, again.rejected),
        (0, 153, 4)
    );
}

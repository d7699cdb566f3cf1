//! Real servers, served as the published OpenAPI document says: every page and every version is checked against it.

use crate::support::{Service, migrated};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::path::PathBuf;
use underpin_stores::registry::{Importer, Source};

/// The registry's cases, when they are there.
fn cases() -> Option<PathBuf> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/cases/mcp_registry"
    );
    Some(PathBuf::from(folder)).filter(|folder| folder.is_dir())
}

/// What the published document says about one of its components.
fn validator(cases: &std::path::Path, component: &str) -> Validator {
    let text = std::fs::read_to_string(cases.join("api-components.bundle.schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    schema["$ref"] = json!(format!("#/$defs/{component}"));
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, body: &Value, target: &str) {
    let faults: Vec<String> = validator
        .iter_errors(body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{target}: {faults:#?}");
}

/// The text of a name or version as one segment of a path.
fn segment(text: &str) -> String {
    text.replace('%', "%25")
        .replace('/', "%2F")
        .replace('+', "%2B")
        .replace(' ', "%20")
}

#[tokio::test]
async fn every_answer_about_real_servers_is_what_the_published_document_promises() {
    let Some(cases) = cases() else {
        println!("skipped: ../shared/cases/mcp_registry is not there");
        return;
    };
    let database = migrated().await;
    let mut importer = Importer::new(database.database());
    for file in ["real/servers.json", "real/legacy_seed.json"] {
        importer
            .add(&Source::from_file(&cases.join(file)))
            .await
            .unwrap();
    }
    let report = importer.finish().await.unwrap();
    assert!(report.imported > 100, "{report:?}");

    let (list, entry) = (
        validator(&cases, "ServerList"),
        validator(&cases, "ServerResponse"),
    );
    let service = Service::on(database.database().clone()).await;
    let mut target = String::from("/v0.1/servers?limit=50&version=latest");
    let mut seen = 0;
    loop {
        let page = service.client.get(&target).await.json();
        assert_valid(&list, &page, &target);
        for shown in page["servers"].as_array().unwrap() {
            seen += 1;
            let (name, version) = (&shown["server"]["name"], &shown["server"]["version"]);
            // Rules 9 and 10 of the clients.
            assert!(shown["_meta"].is_object() && page["metadata"].is_object());
            for field in ["name", "description", "version"] {
                assert!(
                    !shown["server"][field].as_str().unwrap().is_empty(),
                    "{name}: {field}"
                );
            }
            let base = format!("/v0.1/servers/{}/versions", segment(name.as_str().unwrap()));
            for last in ["latest", &segment(version.as_str().unwrap())] {
                let target = format!("{base}/{last}");
                let one = service.client.get(&target).await.json();
                assert_valid(&entry, &one, &target);
                assert_eq!(one, *shown, "{target}");
            }
            assert_valid(&list, &service.client.get(&base).await.json(), &base);
        }
        let Some(cursor) = page["metadata"]["nextCursor"].as_str() else {
            break;
        };
        target = format!("/v0.1/servers?limit=50&version=latest&cursor={cursor}");
    }
    let servers = service
        .client
        .get("/api/v1/registry/statistics")
        .await
        .json();
    assert_eq!(servers, json!({ "servers": seen }));
}

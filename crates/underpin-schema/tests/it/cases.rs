//! Public schemas: each is read, written into an empty database, and read back as it was, byte for byte.

use crate::support::{Server, difference, read, run_script, wipe};
use std::fs;
use std::path::{Path, PathBuf};
use underpin_core::Chain;
use underpin_pool::Database;

#[tokio::test]
async fn the_schemas_of_migra_are_read_back_as_they_were() {
    check("migra").await;
}

#[tokio::test]
async fn the_schemas_of_pg_schema_diff_are_read_back_as_they_were() {
    check("pg-schema-diff").await;
}

#[tokio::test]
async fn the_schemas_of_pgschema_are_read_back_as_they_were() {
    check("pgschema").await;
}

#[expect(clippy::print_stdout, reason = "says how many cases were there")]
async fn check(suite: &str) {
    let Some((server, cases)) = each_case(suite).await else {
        return;
    };
    let (source, target) = (server.empty("source").await, server.empty("target").await);
    let (mut equal, mut elsewhere, mut findings) = (0, 0, Vec::new());
    for case in &cases {
        for side in ["a.sql", "b.sql"] {
            match round_trip(&server, &source, &target, case, side).await {
                Ok(true) => equal += 1,
                Ok(false) => elsewhere += 1,
                Err(finding) => findings.push(format!("{}/{side}: {finding}", name(case))),
            }
        }
    }
    println!(
        "{suite}: {equal} schemas equal, {} not; {elsewhere} need what this build of PostgreSQL lacks",
        findings.len()
    );
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// The cases of a suite and a server for them; None when the folder is not there.
#[expect(clippy::print_stdout, reason = "says that nothing was there")]
pub(crate) async fn each_case(suite: &str) -> Option<(Server, Vec<PathBuf>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/cases/migrations")
        .join(suite);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: there is no folder shared/cases/migrations/{suite}");
        return None;
    };
    let mut cases: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    let server = Server::start().await;
    for role in ["postgres", "schemainspect_test_role"] {
        make_role(&server, role).await;
    }
    Some((server, cases))
}

/// False when PostgreSQL was built without an extension, or without ICU, that the schema needs.
async fn round_trip(
    server: &Server,
    source: &Database,
    target: &Database,
    case: &Path,
    side: &str,
) -> Result<bool, String> {
    wipe(target).await;
    let Some(()) = load(server, source, case, side).await? else {
        return Ok(false);
    };
    let before = read(source).await;
    let script = before.script();
    let written = run_script(target, &script).await;
    written.map_err(|error| format!("was not written: {}", Chain(&error)))?;
    let after = read(target).await;
    if let Some(lines) = difference(&before.schema, &after.schema) {
        return Err(format!("is not equal:\n{lines}"));
    }
    if after.script() != script {
        return Err(format!(
            "is told otherwise:\n{script}\n---\n{}",
            after.script()
        ));
    }
    Ok(true)
}

/// Fills a database with one side of a case; None when PostgreSQL was built without what it needs.
pub(crate) async fn load(
    server: &Server,
    database: &Database,
    case: &Path,
    side: &str,
) -> Result<Option<()>, String> {
    make_roles(server, case).await;
    wipe(database).await;
    let script = fs::read_to_string(case.join(side)).expect("every case has both sides");
    let setup = fs::read_to_string(case.join("setup.sql")).unwrap_or_default();
    match run_script(database, &format!("{setup}\n;{script}")).await {
        Err(error) if error.code() == Some("0A000") => Ok(None),
        loaded => {
            let loaded = loaded.map_err(|error| format!("does not load: {}", Chain(&error)));
            loaded.map(Some)
        }
    }
}

/// The roles that a case expects, as `meta.json` names them.
async fn make_roles(server: &Server, case: &Path) {
    let Ok(meta) = fs::read_to_string(case.join("meta.json")) else {
        return;
    };
    let meta: serde_json::Value = serde_json::from_str(&meta).expect("meta.json is JSON");
    for role in meta["roles"].as_array().into_iter().flatten() {
        make_role(
            server,
            role.as_str().expect("roles are texts").trim_matches('"'),
        )
        .await;
    }
}

/// Makes a role, unless there is one of this name. Quotes in it are doubled already.
async fn make_role(server: &Server, role: &str) {
    let make = format!("CREATE ROLE \"{role}\"; EXCEPTION WHEN duplicate_object THEN NULL");
    server.run(&format!("DO $do$ BEGIN {make}; END $do$")).await;
}

fn name(case: &Path) -> &str {
    case.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

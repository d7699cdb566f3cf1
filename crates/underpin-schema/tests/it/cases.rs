//! Public schemas: each is read, written into an empty database, and read back as it was, byte for byte.

use crate::support::{Server, difference, read, run_script, wipe};
use std::fs;
use std::path::{Path, PathBuf};
use underpin_core::Chain;
use underpin_pool::Database;
use underpin_testkit::part_of;

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
    for case in &part_of(cases, 0) {
        for (side, script) in [("a", &case.a), ("b", &case.b)] {
            match round_trip(&source, &target, script).await {
                Ok(true) => equal += 1,
                Ok(false) => elsewhere += 1,
                Err(finding) => findings.push(format!("{}/{side}: {finding}", case.name)),
            }
        }
    }
    println!(
        "{suite}: {equal} schemas equal, {} not; {elsewhere} need what this build of PostgreSQL lacks",
        findings.len()
    );
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// One schema, and another that it becomes.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) a: String,
    pub(crate) b: String,
}

/// The public cases of a suite and a server for them; None when the folder is not there.
#[expect(clippy::print_stdout, reason = "says that nothing was there")]
pub(crate) async fn each_case(suite: &str) -> Option<(Server, Vec<Case>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/cases/migrations")
        .join(suite);
    let Some(folders) = entries(&folder) else {
        println!("skipped: there is no folder shared/cases/migrations/{suite}");
        return None;
    };
    let server = Server::start().await;
    for role in ["postgres", "schemainspect_test_role"] {
        make_role(&server, role).await;
    }
    let mut cases = Vec::new();
    for folder in folders.into_iter().filter(|it| it.is_dir()) {
        make_roles(&server, &folder).await;
        let setup = fs::read_to_string(folder.join("setup.sql")).unwrap_or_default();
        let side = |side| {
            let script = fs::read_to_string(folder.join(side)).expect("every case has both sides");
            format!("{setup}\n;{script}")
        };
        cases.push(Case {
            name: name(&folder),
            a: side("a.sql"),
            b: side("b.sql"),
        });
    }
    Some((server, cases))
}

/// The pairs of `tests/pairs`: one file each, both sides. One that begins with `-- since 15` is for that major version and later.
pub(crate) fn own_cases(major: i32) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs");
    let files = entries(&folder).expect("the folder is part of the crate");
    let case = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("readable");
        let (a, b) = text.split_once("-- becomes").expect("two sides");
        Case {
            name: name(&file),
            a: a.to_owned(),
            b: b.to_owned(),
        }
    };
    let is_known = |case: &Case| {
        let since = case.a.strip_prefix("-- since ");
        let since = since.and_then(|rest| rest.lines().next()?.trim().parse().ok());
        since.is_none_or(|since: i32| since <= major)
    };
    let wanted = wanted_pair();
    let files = files.into_iter();
    files
        .filter(|file| name(file).contains(&wanted))
        .map(case)
        .filter(is_known)
        .collect()
}

/// A part of the name of the pairs to be tried: all of them, unless `UNDERPIN_TEST_PAIR` says otherwise.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is told what to try, and has no Config"
)]
fn wanted_pair() -> String {
    std::env::var("UNDERPIN_TEST_PAIR").unwrap_or_default()
}

fn entries(folder: &Path) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).ok()?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    Some(paths)
}

/// False when PostgreSQL was built without an extension, or without ICU, that the schema needs.
async fn round_trip(source: &Database, target: &Database, script: &str) -> Result<bool, String> {
    wipe(target).await;
    let Some(()) = load(source, script).await? else {
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
pub(crate) async fn load(database: &Database, script: &str) -> Result<Option<()>, String> {
    wipe(database).await;
    match run_script(database, script).await {
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

fn name(case: &Path) -> String {
    let name = case.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

//! Public pairs of schemas: there and back, with rows in the tables.

use super::support::{Server, all, go, sql};
use std::fs;
use std::path::{Path, PathBuf};
use underpin_core::{Chain, ErrorKind};
use underpin_migrate::diff::{Scratch, difference};
use underpin_pool::Session;
use underpin_testkit::part_of;

/// How many pairs in a hundred may be refused.
const REFUSED_PERCENT_MAX: usize = 3;

enum Outcome {
    Reached,
    /// The rows that were there make the change impossible; without them it is reached.
    WithoutRows(String),
    Refused(String),
    Wrong(String),
    /// This build of PostgreSQL lacks something.
    Elsewhere,
}

#[tokio::test]
async fn public_pairs_of_migra_converge_there_and_back() {
    check("migra").await;
}

#[tokio::test]
async fn public_pairs_of_pg_schema_diff_converge_there_and_back() {
    check("pg-schema-diff").await;
}

#[tokio::test]
async fn public_pairs_of_pgschema_converge_there_and_back() {
    check("pgschema").await;
}

#[expect(clippy::print_stdout, reason = "says what was reached")]
async fn check(suite: &str) {
    let cases = cases(suite);
    if cases.is_empty() {
        println!("skipped: there is no folder shared/cases/migrations/{suite}");
        return;
    }
    let cases = part_of(cases, 2);
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let (mut reached, mut refused, mut elsewhere, mut wrong) = (0, Vec::new(), 0, Vec::new());
    for case in &cases {
        let name = name(case);
        match pair(&server, &scratch, case).await {
            Outcome::Reached => reached += 1,
            Outcome::WithoutRows(reason) => {
                reached += 1;
                println!("without rows {name}: {reason}");
            }
            Outcome::Refused(reason) => refused.push(format!("refused {name}: {reason}")),
            Outcome::Wrong(reason) => wrong.push(format!("wrong {name}: {reason}")),
            Outcome::Elsewhere => elsewhere += 1,
        }
    }
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
    println!("{}", refused.join("\n"));
    println!(
        "{suite}, {} pairs: {reached} reached, {} refused, {} wrong, {elsewhere} need what is not here",
        cases.len(),
        refused.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        refused.len() * 100 <= cases.len() * REFUSED_PERCENT_MAX,
        "too many are refused"
    );
}

async fn pair(server: &Server, scratch: &Scratch, case: &Path) -> Outcome {
    let (a, b) = (script(case, "a.sql"), script(case, "b.sql"));
    let found = difference(scratch, &sql("a.sql", &a), &sql("b.sql", &b), &all()).await;
    let difference = match found {
        Ok(difference) => difference,
        Err(error) if code(&error).as_deref() == Some("0A000") => return Outcome::Elsewhere,
        Err(error) if error.kind() == ErrorKind::Refused => {
            return Outcome::Refused(Chain(&error).to_string());
        }
        Err(error) => return Outcome::Wrong(Chain(&error).to_string()),
    };
    let mut without = None;
    let mut work = filled(server, &a, true).await;
    if let Err(reason) = go(&work, &difference.up).await {
        if !is_about_rows(&reason) {
            return Outcome::Wrong(reason);
        }
        without = Some(reason.lines().next().unwrap_or_default().to_owned());
        drop(work);
        work = filled(server, &a, false).await;
        if let Err(reason) = go(&work, &difference.up).await {
            return Outcome::Wrong(reason);
        }
    }
    load(server, "goal", &b).await;
    if server.schema("work").await != server.schema("goal").await {
        return Outcome::Wrong(format!("ends elsewhere\n{}", difference.up));
    }
    if let Err(reason) = go(&work, &difference.down).await {
        return Outcome::Wrong(format!("on the way back: {reason}"));
    }
    load(server, "goal", &a).await;
    if server.schema("work").await != server.schema("goal").await {
        return Outcome::Wrong(format!("does not come back\n{}", difference.down));
    }
    without.map_or(Outcome::Reached, Outcome::WithoutRows)
}

/// A new database that a script has filled. The session ends: the script may have changed its settings.
async fn load(server: &Server, name: &str, script: &str) {
    let session = server.database(name).await;
    session
        .batch(script)
        .await
        .expect("it could be materialised");
}

async fn filled(server: &Server, script: &str, with_rows: bool) -> Session {
    load(server, "work", script).await;
    let work = server.session("work").await;
    if with_rows {
        let fill = include_str!("../../../../underpin-schema/tests/it/fill.sql");
        work.batch(fill)
            .await
            .expect("tables that take no rows stay empty");
    }
    work
}

/// Integrity constraints and data exceptions.
fn is_about_rows(reason: &str) -> bool {
    reason.contains("(SQLSTATE 23") || reason.contains("(SQLSTATE 22")
}

/// The code of the server's error, however deep.
fn code(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let ours = error.downcast_ref::<underpin_pool::Error>();
    let own = ours.and_then(|it| it.code()).map(str::to_owned);
    own.or_else(|| code(error.source()?))
}

fn script(case: &Path, side: &str) -> String {
    let setup = fs::read_to_string(case.join("setup.sql")).unwrap_or_default();
    let script = fs::read_to_string(case.join(side)).expect("every case has both sides");
    format!("{setup}\n;{script}")
}

fn cases(suite: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/migrations");
    let entries = fs::read_dir(root.join(suite)).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut cases: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> String {
    let parts: Vec<_> = case
        .iter()
        .rev()
        .take(2)
        .map(|part| part.to_string_lossy())
        .collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

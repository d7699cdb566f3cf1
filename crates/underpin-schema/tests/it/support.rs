//! Databases to write schemas into, and how two schemas differ.

use serde_json::Value;
use underpin_core::Chain;
use underpin_pool::{Database, DatabaseUrl, Options, Session};
use underpin_schema::{Catalog, Schema, Scope, Statement};
use underpin_testkit::PrivateCluster;

/// A cluster whose roles and databases are the test's own.
pub(crate) struct Server {
    cluster: PrivateCluster,
    admin: Session,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let cluster = underpin_testkit::private_cluster().await;
        let admin = session(cluster.url("postgres")).await;
        Self { cluster, admin }
    }

    /// Makes an empty database.
    pub(crate) async fn empty(&self, name: &str) -> Database {
        self.run(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await;
        Database::lazy(self.cluster.url(name)).expect("an address of ours")
    }

    pub(crate) async fn run(&self, sql: &str) {
        let done = self.admin.batch(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {}", Chain(&error)));
    }
}

/// Empties a database: many times faster than making another one.
pub(crate) async fn wipe(database: &Database) {
    let wiped = run_script(database, include_str!("wipe.sql")).await;
    wiped.unwrap_or_else(|error| panic!("the database could not be emptied: {}", Chain(&error)));
}

/// Runs a script on a session of its own, which ends with it.
pub(crate) async fn run_script(
    database: &Database,
    script: &str,
) -> Result<(), underpin_pool::Error> {
    session(database.url().clone()).await.batch(script).await
}

/// Runs statements one by one; the error names the one that fails.
pub(crate) async fn run_statements(
    database: &Database,
    statements: &[Statement],
) -> Result<(), String> {
    let session = session(database.url().clone()).await;
    let whole = statements
        .iter()
        .map(|statement| format!("{};\n", statement.sql));
    let whole: String = whole.collect();
    if session.batch(&whole).await.is_ok() {
        return Ok(());
    }
    for statement in statements {
        let done = session.batch(&statement.sql).await;
        done.map_err(|error| format!("{}\n  {}", Chain(&error), statement.sql))?;
    }
    Ok(())
}

async fn session(url: DatabaseUrl) -> Session {
    let options = Options::new(url);
    let session = Session::connect(&options).await;
    session.unwrap_or_else(|error| panic!("no session: {}", Chain(&error)))
}

pub(crate) async fn read(database: &Database) -> Catalog {
    let catalog = Catalog::read(database, &Scope::all()).await;
    catalog.unwrap_or_else(|error| panic!("not read: {}", Chain(&error)))
}

/// The facts that are in one and not in the other, each with its place; None when the schemas are equal.
pub(crate) fn difference(before: &Schema, after: &Schema) -> Option<String> {
    if before == after {
        return None;
    }
    let (before, after) = (facts(before), facts(after));
    let only = |these: &[String], those: &[String], mark: &str| {
        let facts = these.iter().filter(|fact| !those.contains(fact));
        facts
            .map(|fact| format!("{mark} {fact}\n"))
            .collect::<String>()
    };
    Some(only(&before, &after, "-") + &only(&after, &before, "+"))
}

fn facts(schema: &Schema) -> Vec<String> {
    let value = serde_json::to_value(schema).expect("facts are serialisable");
    let mut facts = Vec::new();
    flatten("", &value, &mut facts);
    facts
}

/// One line a value; what has a name is told by it.
fn flatten(place: &str, value: &Value, facts: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&format!("{place}.{name}"), value, facts);
            }
        }
        Value::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                let name = value
                    .get("name")
                    .map_or(number.to_string(), Value::to_string);
                flatten(&format!("{place}[{name}]"), value, facts);
            }
        }
        _ => facts.push(format!("{place} = {value}")),
    }
}

//! Template databases: migrations run once, tests copy the result.

use crate::{admin, shared_cluster, wait};
use sha2::{Digest, Sha256};
use std::time::Duration;
use underpin_core::Chain as ErrorChain;
use underpin_local::Cluster;
use underpin_migrate::{Chain, Migrator, Target};
use underpin_pool::{Options, Session};

/// The template of a database without tables.
pub(crate) const EMPTY: &str = "template0";

/// Databases of tests are called this and a random number.
pub(crate) const TEST_PREFIX: &str = "test_";

/// Templates are called this and a hash of their chain.
const TEMPLATE_PREFIX: &str = "migrated_";

/// The first major version that lets the way of copying be chosen.
const STRATEGY_SINCE: u32 = 15;

/// How long another process may take to build the same template.
const BUILD_DEADLINE: Duration = Duration::from_secs(120);

/// How long the migrator's session may take to disappear after it was closed.
const CLOSE_DEADLINE: Duration = Duration::from_secs(10);

/// The name of the template on which all migrations of `chain` were run; built by the first who asks.
pub(crate) async fn of(chain: &Chain) -> String {
    let name = format!("{TEMPLATE_PREFIX}{}", hash(chain));
    let admin = admin::session().await;
    if exists(&admin, &name).await {
        return name;
    }
    lock(&admin, &name).await;
    if !exists(&admin, &name).await {
        build(&admin, &name, chain).await;
    }
    // The lock goes with the session.
    name
}

/// Makes database `name` as a copy of `template`.
pub(crate) async fn copy(template: &str, name: &str) {
    // Copying files beats writing every page to the log, and its two checkpoints cost nothing without fsync.
    let strategy = if shared_cluster().await.major() >= STRATEGY_SINCE {
        " STRATEGY FILE_COPY"
    } else {
        ""
    };
    let admin = admin::session().await;
    admin::run(
        &admin,
        &format!("CREATE DATABASE {name} TEMPLATE {template}{strategy}"),
    )
    .await;
}

/// Drops what earlier runs left behind. Only for whoever has just started the cluster: nobody else can use it yet.
pub(crate) async fn sweep(cluster: &Cluster) {
    let admin = admin::session_on(cluster).await;
    let sql = "SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR starts_with(datname, $2)";
    let found = admin.query(sql, &[&TEST_PREFIX, &TEMPLATE_PREFIX]).await;
    for row in
        found.unwrap_or_else(|error| panic!("could not list databases: {}", ErrorChain(&error)))
    {
        let name: String = row
            .get(0)
            .unwrap_or_else(|error| panic!("a name is text: {}", ErrorChain(&error)));
        admin::run(&admin, &format!("ALTER DATABASE {name} IS_TEMPLATE false")).await;
        admin::run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

/// Builds under another name and renames: a template is there as a whole or not at all.
async fn build(admin: &Session, name: &str, chain: &Chain) {
    let unfinished = format!("{name}_unfinished");
    admin::run(
        admin,
        &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
    )
    .await;
    copy(EMPTY, &unfinished).await;
    migrate(&unfinished, chain).await;
    // Nobody connects to a template, so that copying it never waits: not even autovacuum.
    admin::run(
        admin,
        &format!("ALTER DATABASE {unfinished} ALLOW_CONNECTIONS false IS_TEMPLATE true"),
    )
    .await;
    let rename = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
    let renamed = wait::wait_for(CLOSE_DEADLINE, async || admin.batch(&rename).await.ok()).await;
    assert!(
        renamed.is_some(),
        "a session of the migrator stays on {unfinished}"
    );
}

async fn migrate(name: &str, chain: &Chain) {
    let options = Options::new(shared_cluster().await.url(name));
    let done = Migrator::new(options, chain.clone()).up(Target::All).await;
    done.unwrap_or_else(|error| {
        panic!(
            "chain {} does not migrate: {}",
            chain.name(),
            ErrorChain(&error)
        )
    });
}

async fn lock(admin: &Session, name: &str) {
    let sql = "SELECT pg_try_advisory_lock(hashtext($1))";
    let locked = wait::wait_for(BUILD_DEADLINE, async || {
        let row = admin.query_one(sql, &[&name]).await;
        row.and_then(|row| row.get::<bool>(0))
            .unwrap_or_else(|error| panic!("{sql}: {}", ErrorChain(&error)))
            .then_some(())
    });
    assert!(
        locked.await.is_some(),
        "another process has been building {name} for {BUILD_DEADLINE:?}"
    );
}

async fn exists(admin: &Session, name: &str) -> bool {
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    let found = admin.query_opt(sql, &[&name]).await;
    found
        .unwrap_or_else(|error| panic!("{sql}: {}", ErrorChain(&error)))
        .is_some()
}

/// A short hash of the chain's name and of every forward script.
fn hash(chain: &Chain) -> String {
    let mut hash = Sha256::new();
    hash.update(chain.name());
    for migration in chain.migrations() {
        hash.update(migration.version.to_string());
        hash.update(migration.up.text());
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

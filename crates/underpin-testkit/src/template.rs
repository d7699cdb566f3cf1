//! Template databases: migrations run once, tests copy the result.

use crate::{admin, shared_cluster};
use underpin_core::Chain as ErrorChain;
use underpin_local::Cluster;

/// The template of a database without tables.
pub(crate) const EMPTY: &str = "template0";

/// Databases of tests are called this and a random number.
pub(crate) const TEST_PREFIX: &str = "test_";

/// Templates are called this and a hash of their chain.
const TEMPLATE_PREFIX: &str = "migrated_";

/// The first major version that lets the way of copying be chosen.
const STRATEGY_SINCE: u32 = 15;

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

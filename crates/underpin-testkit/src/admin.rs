//! Sessions that make and drop databases.

use crate::shared_cluster;
use underpin_core::Chain;
use underpin_local::Cluster;
use underpin_pool::{Options, Session};

/// The database that administration connects to: every cluster has it, no test changes it.
const DATABASE: &str = "postgres";

/// A session on the shared cluster, outside any test's database.
pub(crate) async fn session() -> Session {
    session_on(shared_cluster().await).await
}

/// A session on a cluster, outside any test's database.
pub(crate) async fn session_on(cluster: &Cluster) -> Session {
    let options = Options::new(cluster.url(DATABASE));
    let session = Session::connect(&options).await;
    session.unwrap_or_else(|error| {
        panic!(
            "no session to administer the test cluster: {}",
            Chain(&error)
        )
    })
}

/// Runs one statement.
pub(crate) async fn run(session: &Session, sql: &str) {
    session
        .batch(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {}", Chain(&error)));
}

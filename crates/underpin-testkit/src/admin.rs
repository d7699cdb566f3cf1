//! Sessions that make and drop databases.

use crate::{shared_cluster, wait};
use std::time::Duration;
use underpin_core::Chain;
use underpin_local::Cluster;
use underpin_pool::{Options, Session};

/// The database that administration connects to: every cluster has it, no test changes it.
const DATABASE: &str = "postgres";

/// Many processes may do it at the same time.
const EMPOWER_DEADLINE: Duration = Duration::from_secs(30);

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

/// Makes the role of the tests, `underpin`, a superuser: tests reach for settings, roles and statistics that the role of a
/// service may not. What that role can do is tested on clusters that the test kit has no part in.
pub(crate) async fn empower(cluster: &Cluster) {
    let session = Session::connect(&Options::new(cluster.admin_url(DATABASE))).await;
    let session =
        session.unwrap_or_else(|error| panic!("no superuser's session: {}", Chain(&error)));
    // A test may have made transactions read-only by default.
    run(&session, "SET default_transaction_read_only = off").await;
    let is_superuser = async || {
        let sql = "SELECT rolsuper FROM pg_roles WHERE rolname = 'underpin'";
        let row = session.query_one(sql, &[]).await;
        row.and_then(|row| row.get::<bool>(0))
            .unwrap_or_else(|error| panic!("{sql}: {}", Chain(&error)))
    };
    let empowered = wait::wait_for(EMPOWER_DEADLINE, async || {
        if is_superuser().await {
            return Some(());
        }
        // Of processes that do so at once, all but one fail.
        let altered = session.batch("ALTER ROLE underpin SUPERUSER").await;
        altered.ok()
    });
    assert!(
        empowered.await.is_some(),
        "underpin could not be made a superuser"
    );
}

/// Runs one statement.
pub(crate) async fn run(session: &Session, sql: &str) {
    session
        .batch(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {}", Chain(&error)));
}

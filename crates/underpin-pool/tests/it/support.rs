//! What the tests share.

use std::time::Duration;
use underpin_core::config::PoolSettings;
use underpin_pool::{Database, Options};
use underpin_testkit::shared_cluster;

/// Long enough for anything that should happen at once.
pub(crate) const SOON: Duration = Duration::from_secs(5);

/// Options for the shared cluster, changed by the test.
pub(crate) async fn options(change: impl FnOnce(&mut PoolSettings)) -> Options {
    let mut options = Options::new(shared_cluster().await.url("postgres"));
    change(&mut options.pool);
    options
}

/// A pool of `size` sessions without overflow.
pub(crate) async fn pool_of(size: usize) -> Database {
    let options = options(|pool| {
        pool.size = size;
        pool.max_overflow = 0;
    });
    Database::connect(options.await)
        .await
        .expect("the shared cluster answers")
}

/// A name no other test uses.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::new_v4().simple())
}

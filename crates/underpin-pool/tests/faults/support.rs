//! What the faults share.

use std::time::Duration;
use underpin_core::DatabaseUrl;
use underpin_core::config::PoolSettings;
use underpin_pool::{Database, Options};
use underpin_testkit::wait_until;

/// Long enough for anything that should happen at once.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A pool on `url`, changed by the test; nothing is opened yet.
pub(crate) fn pool(url: DatabaseUrl, change: impl FnOnce(&mut PoolSettings)) -> Database {
    let mut options = Options::new(url);
    change(&mut options.pool);
    Database::lazy(options).expect("a pool can be made in a runtime")
}

/// Opens the first session: on a busy machine that takes longer than the short deadlines of some tests.
pub(crate) async fn warm_up(db: &Database) {
    drop(db.checkout_within(SOON).await.expect("the server answers"));
}

/// Every session is back, and the pool serves as before.
pub(crate) async fn assert_whole(db: &Database) {
    wait_until(SOON, async || db.query("SELECT 1", &[]).await.is_ok()).await;
    wait_until(SOON, async || {
        let status = db.status();
        status.checked_out == 0 && status.waiting == 0 && status.creating == 0
    })
    .await;
    let status = db.status();
    assert!(status.total <= status.pool_size, "{status:?}");
}

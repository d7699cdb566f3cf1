//! What a statement costs in memory.

use crate::support::pool_of;

#[tokio::test]
async fn future_of_a_statement_stays_small() {
    let db = pool_of(1).await;
    let size = size_of_val(&db.query("SELECT 1", &[]));
    assert!(size <= 4096, "{size} bytes");
}

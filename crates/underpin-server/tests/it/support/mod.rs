//! A service under test, and a client to ask it with.

mod client;
mod data;
mod service;

pub(crate) use client::{Answer, Client};
pub(crate) use data::{delete, document, migrated, publish_all};
pub(crate) use service::{Service, nowhere};

use std::time::Duration;
use underpin_migrate::Chain;

/// How long a test waits for a state before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Asks until the answer is yes.
pub(crate) async fn eventually(what: &str, mut question: impl AsyncFnMut() -> bool) {
    let asked = async {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        loop {
            pace.tick().await;
            if question().await {
                break;
            }
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, asked).await.is_ok(),
        "waited {PATIENCE:?} in vain until {what}"
    );
}

/// The migrations of the stores' tables.
pub(crate) fn chain() -> Chain {
    Chain::embedded("underpin", &underpin_stores::MIGRATIONS).unwrap()
}

//! LISTEN and NOTIFY.

use crate::support::{SOON, options, pool_of, unique};
use tokio::time::timeout;
use underpin_pool::{Listener, Notification};
use underpin_testkit::{ChaosProxy, shared_cluster};

fn payload(notification: &Notification) -> &str {
    match notification {
        Notification::Message { payload, .. } => payload,
        other => panic!("expected a message, got {other:?}"),
    }
}

#[tokio::test]
async fn notifications_arrive_in_order() {
    let channel = unique("Chan \"nel");
    let mut listener = Listener::connect(options(|_| {}).await).await.unwrap();
    listener.listen(&channel).await.unwrap();
    let db = pool_of(1).await;
    for number in 0..100 {
        db.execute("SELECT pg_notify($1, $2)", &[&channel, &number.to_string()])
            .await
            .unwrap();
    }
    for number in 0..100 {
        let notification = timeout(SOON, listener.next()).await.unwrap().unwrap();
        assert_eq!(payload(&notification), number.to_string());
    }
}

#[tokio::test]
async fn listener_that_lost_its_connection_says_so_and_goes_on() {
    let cluster = shared_cluster().await;
    let url = cluster.tcp_url("postgres");
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut options = options(|_| {}).await;
    options.url = proxy.url(&url);
    let channel = unique("channel");
    let mut listener = Listener::connect(options).await.unwrap();
    listener.listen(&channel).await.unwrap();
    proxy.cut_once();
    let gap = timeout(SOON, listener.next()).await.unwrap().unwrap();
    assert_eq!(gap, Notification::Gap);
    let db = pool_of(1).await;
    db.execute("SELECT pg_notify($1, 'again')", &[&channel])
        .await
        .unwrap();
    let next = timeout(SOON, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "again");
}

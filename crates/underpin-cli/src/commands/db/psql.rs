//! `underpin db psql`

use crate::context::Context;
use crate::error::Error;
use crate::exit::{Exit, told_to_end};
use crate::signals::Signals;
use rustix::process::{Pid, kill_process};
use std::ffi::OsString;
use std::process::ExitStatus;
use tokio::process::{Child, Command};
use underpin_core::url::Host;
use underpin_core::{DatabaseUrl, ErrorKind};
use underpin_local::{Cluster, DATABASE};

/// What to do without psql.
const CLIENT_HINT: &str = "install PostgreSQL's client, e.g. `apt-get install postgresql-client`";

/// Options of `underpin db psql`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// As the superuser `underpin_admin`, for extensions that are not trusted and settings of the server
    #[arg(long)]
    admin: bool,

    /// Arguments for psql, such as `-- -c 'SELECT 1'`
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Runs psql below this process, which holds the cluster meanwhile.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let signals = context.signals();
    // Until the cluster is let go of again: it would be left running otherwise.
    let _section = signals.section();
    let cluster = Cluster::start(super::settings(context)?).await?;
    let ended = run_on(&cluster, args, signals).await;
    cluster.stop_hurried_by(signals.hurry()).await?;
    ended
}

async fn run_on(cluster: &Cluster, args: Args, signals: &Signals) -> anyhow::Result<Exit> {
    if signals.first().is_some() {
        return Err(told_to_end());
    }
    let program = cluster
        .client("psql")
        .map_err(|error| error.with_hint(CLIENT_HINT))?;
    let mut psql = Command::new(&program);
    psql.args(args.arguments).kill_on_drop(true);
    let url = if args.admin {
        cluster.admin_url(DATABASE)
    } else {
        cluster.url(DATABASE)
    };
    connect_by_environment(&mut psql, &url);
    // psql takes Ctrl-C as "cancel this query": it must not end us, who would then stop the server under it.
    let _child = signals.child();
    let status = match psql.spawn() {
        Ok(child) => wait(child, signals).await?,
        Err(cause) => {
            let message = format!("could not run {}", program.display());
            let error = Error::new(ErrorKind::NotFound, message);
            return Err(error.with_hint(CLIENT_HINT).with_source(cause).into());
        }
    };
    if signals.first().is_some() {
        return Err(told_to_end());
    }
    Ok(if status.success() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Waits for the end of psql, and passes on what tells us to end; a second signal kills it.
async fn wait(mut child: Child, signals: &Signals) -> anyhow::Result<ExitStatus> {
    tokio::select! {
        status = child.wait() => return Ok(status?),
        () = signals.told(1) => {}
    }
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // Not yet waited for, so the number is still the child's.
        let _ = kill_process(pid, rustix::process::Signal::TERM);
    }
    tokio::select! {
        status = child.wait() => return Ok(status?),
        () = signals.told(2) => {}
    }
    child.start_kill()?;
    Ok(child.wait().await?)
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

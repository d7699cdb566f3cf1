//! `underpin serve`

mod keep;

use crate::context::Context;
use crate::exit::{Exit, told_to_end};
use crate::logging;
use crate::signals::Signals;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use underpin_core::config::Environment;
use underpin_core::{Chain, Config, ErrorKind};
use underpin_migrate::Migrator;
use underpin_pool::Database;
use underpin_server::{App, Bound, Metrics, Server, Settings};

/// How long closing the pool may take at the end; its sessions are idle by then.
const CLOSE: Duration = Duration::from_secs(5);

/// Options of `underpin serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prints `listening on http://…` to stdout when it is ready; the log goes to stderr. Without a configured database it
starts the embedded cluster. While the database is away it stays up, answers 503 and tries again. Migrations are applied
first, by one of the instances that start together; those marked `deferred` after it is ready. SIGTERM, SIGHUP
and Ctrl-C finish the requests in flight; a second one cuts them off and ends the embedded cluster at once.")]
pub(crate) struct Args {
    /// Address, or name, and port to listen on; port 0 takes a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Apply no migrations, only say what is missing; a schema that is behind is then not ready
    #[arg(long)]
    no_migrate: bool,
}

/// Runs until it is told to stop.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    // Told to end, it finishes the requests in flight; the second signal cuts them off.
    let _section = context.signals().section();
    let config = context
        .config_with(|sources| sources.with_flag("--listen", "server.listen", args.listen))?;
    logging::start(&config.log)?;
    let options = tokio::select! {
        options = context.options() => options?,
        // One that is just starting its cluster gives up by itself.
        () = context.signals().told(2) => return Err(told_to_end()),
    };
    let metrics = Metrics::new();
    let database = metrics.observing(|| Database::lazy(options))?;
    let app = App::with_metrics(
        database.clone(),
        underpin_server::migrations()?,
        Settings::from(config.server.clone()),
        metrics,
    );
    let bound = Server::new(app.clone()).bind().await?;
    let start = Start {
        url: bound.url(),
        app,
        config,
        migrate: !args.no_migrate,
    };
    let ended = serve(bound, start, context.signals(), context).await;
    // The pool closes in its own time; at the end of the process nobody waits longer than this.
    tokio::select! {
        _ = tokio::time::timeout(CLOSE, database.close()) => {}
        () = context.signals().told(2) => {}
    }
    ended.map(|()| Exit::Done)
}

/// Serves and gets ready at the same time; the first signal, or a failure to get ready, ends both.
async fn serve(
    bound: Bound,
    start: Start<'_>,
    signals: &Signals,
    context: &Context,
) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let told_twice = async {
        signals.told(1).await;
        tracing::info!("told to stop: finishing the requests in flight");
        stop.cancel();
        signals.told(2).await;
        tracing::warn!("told again: cutting off the requests in flight");
    };
    let app = start.app.clone();
    let serving = async {
        tokio::select! {
            () = bound.run(stop.cancelled()) => {}
            () = told_twice => {}
            never = keep::keep(&app, context) => match never {},
        }
    };
    let starting = async {
        tokio::select! {
            started = start.get_ready(context) => started.inspect_err(|_| stop.cancel()),
            () = stop.cancelled() => Ok(()),
        }
    };
    let ((), started) = tokio::join!(serving, starting);
    started
}

/// What it takes to become ready.
struct Start<'a> {
    app: App,
    url: String,
    config: &'a Config,
    migrate: bool,
}

impl Start<'_> {
    /// Migrates, fills an empty registry with the examples, says where it listens.
    ///
    /// While the database is away the address is told at once: the service answers there, if only that it is not ready.
    async fn get_ready(self, context: &Context) -> anyhow::Result<()> {
        let mut announced = false;
        let migrator = context.migrator(underpin_server::migrations()?).await?;
        if self.migrate {
            let away = |error: &underpin_migrate::Error| {
                announced = true;
                self.announce(context);
                context.note(format_args!(
                    "not ready yet, trying again: {}",
                    Chain(error)
                ));
            };
            underpin_server::migrate(&self.app, &migrator, away).await?;
            self.seed(context).await?;
        }
        self.app.health().probed().await;
        if announced {
            context.note("ready");
        } else {
            self.announce(context);
        }
        match self.migrate {
            true => self.run_deferred(&migrator, context).await,
            false => self.verify(&migrator, context).await?,
        }
        Ok(())
    }

    /// A service that is ready goes on when what may come later fails: `/health` says that it is pending.
    async fn run_deferred(&self, migrator: &Migrator, context: &Context) {
        if let Err(error) = underpin_server::run_deferred(&self.app, migrator).await {
            context.note(format_args!(
                "deferred migrations could not be applied: {}",
                Chain(&error)
            ));
        }
    }

    /// Says what a schema lacks that somebody else is to migrate; a contradiction ends the start.
    async fn verify(&self, migrator: &Migrator, context: &Context) -> anyhow::Result<()> {
        let Err(error) = migrator.verify(None).await else {
            return Ok(());
        };
        if error.kind() == ErrorKind::HistoryConflict {
            return Err(error.into());
        }
        context.note(format_args!("not ready: {}", Chain(&error)));
        if let Some(hint) = error.hint() {
            context.note(format_args!("hint: {hint}"));
        }
        Ok(())
    }

    /// A service whose stdout was closed goes on.
    fn announce(&self, context: &Context) {
        let told = if context.json {
            context.out_json(&serde_json::json!({ "listening": self.url }))
        } else {
            context.out(format_args!("listening on {}", self.url))
        };
        if let Err(error) = told {
            tracing::debug!("could not tell the address: {error:#}");
        }
    }

    /// On the embedded cluster of a developer an empty registry would show nothing.
    async fn seed(&self, context: &Context) -> anyhow::Result<()> {
        let is_embedded = self.config.database.url.is_none();
        if !is_embedded || self.config.environment != Environment::Development {
            return Ok(());
        }
        let seeded = underpin_stores::registry::seed_examples(self.app.database()).await?;
        if seeded > 0 {
            context.note(format_args!(
                "the registry was empty: added {seeded} example servers"
            ));
        }
        Ok(())
    }
}

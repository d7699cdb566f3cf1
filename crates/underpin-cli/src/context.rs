//! What a command works with: settings, the database, the embedded cluster; each opened when first asked for.

use crate::args::Global;
use crate::output::{Ink, Output, Progress};
use crate::signals::Signals;
use serde::Serialize;
use std::fmt::Display;
use std::sync::OnceLock;
use tokio::sync::Mutex;
use underpin_core::config::Sources;
use underpin_core::{Config, DatabaseUrl};
use underpin_local::{Cluster, DATABASE, Settings};
use underpin_migrate::{Chain, Migrator};
use underpin_pool::{Database, Options};

/// Adds migrations in Rust to those of the user's folder.
pub(crate) type Extend = fn(Chain) -> Result<Chain, underpin_migrate::Error>;

/// Handed to every command.
#[derive(Debug)]
pub(crate) struct Context {
    /// Print the result as JSON.
    pub(crate) json: bool,
    /// What adds the program's own migrations in Rust to the user's chain.
    pub(crate) extend: Extend,
    global: Global,
    output: Output,
    config: OnceLock<Config>,
    signals: Signals,
    cluster: Mutex<Option<Cluster>>,
    scratch: Mutex<Option<Cluster>>,
}

impl Context {
    /// Nothing is read or opened yet.
    pub(crate) fn new(global: Global, output: Output, extend: Extend, signals: Signals) -> Self {
        Self {
            json: global.json,
            extend,
            global,
            output,
            config: OnceLock::new(),
            signals,
            cluster: Mutex::const_new(None),
            scratch: Mutex::const_new(None),
        }
    }

    /// All settings, read on the first call.
    pub(crate) fn config(&self) -> anyhow::Result<&Config> {
        self.config_with(|sources| sources)
    }

    /// All settings, a command's own flags added: `|sources| sources.with_flag("--listen", "server.listen", args.listen)`.
    ///
    /// Settings are read once, so this must come before anything else that needs them.
    pub(crate) fn config_with(
        &self,
        flags: impl FnOnce(Sources) -> Sources,
    ) -> anyhow::Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let Global {
            database_url,
            config: file,
            ..
        } = &self.global;
        let sources = Sources::of_process()
            .with_flag("--database-url", "database.url", database_url.clone())
            .with_file(file.clone());
        let config = Config::load(&flags(sources))?;
        Ok(self.config.get_or_init(|| config))
    }

    /// The configured database, else the embedded cluster: made and started when needed, attached to until the command ends.
    pub(crate) async fn database_url(&self) -> anyhow::Result<DatabaseUrl> {
        let config = self.config()?;
        if let Some(url) = &config.database.url {
            return Ok(url.clone());
        }
        let mut cluster = self.cluster.lock().await;
        if cluster.is_none() {
            *cluster = Some(self.start_default_cluster().await?);
        }
        let url = cluster.as_ref().map(|cluster| cluster.url(DATABASE));
        url.ok_or_else(crate::exit::told_to_end)
    }

    /// The cluster beside the embedded one, for databases that are made for a while, whatever database is configured.
    pub(crate) async fn scratch_url(&self) -> anyhow::Result<DatabaseUrl> {
        let settings = self.cluster_settings()?;
        let mut scratch = self.scratch.lock().await;
        if scratch.is_none() {
            let _section = self.signals.section();
            *scratch = Some(Cluster::start_scratch(settings).await?);
        }
        // As a superuser: schemas name roles and extensions that only one can make.
        let url = scratch.as_ref().map(|cluster| cluster.admin_url(DATABASE));
        url.ok_or_else(crate::exit::told_to_end)
    }

    /// Has the server of the embedded cluster died under this command?
    pub(crate) async fn has_embedded_server_died(&self) -> bool {
        let cluster = self.cluster.lock().await;
        // What cannot be found out now is asked again soon.
        cluster
            .as_ref()
            .is_some_and(|cluster| cluster.has_died().unwrap_or(false))
    }

    /// Starts it again.
    pub(crate) async fn restart_embedded_server(&self) -> anyhow::Result<()> {
        let _section = self.signals.section();
        if let Some(cluster) = self.cluster.lock().await.as_mut() {
            cluster.restart(self.cluster_settings()?).await?;
        }
        Ok(())
    }

    /// What has told this command to end.
    pub(crate) fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Of the embedded cluster; a signal makes its start give up.
    fn cluster_settings(&self) -> anyhow::Result<Settings> {
        let settings = Settings::from_config(&self.config()?.local)?;
        Ok(Settings {
            interrupt: self.signals.start(),
            ..settings
        })
    }

    /// Address and pool settings.
    pub(crate) async fn options(&self) -> anyhow::Result<Options> {
        let url = self.database_url().await?;
        Ok(Options {
            url,
            pool: self.config()?.pool.clone(),
        })
    }

    /// What runs and inspects a chain, with the configured limits.
    pub(crate) async fn migrator(&self, chain: Chain) -> anyhow::Result<Migrator> {
        let settings = underpin_migrate::Settings::from(&self.config()?.migrate);
        Ok(Migrator::new(self.options().await?, chain).with_settings(settings))
    }

    /// The database, one session open: an address that does not work shows at once.
    pub(crate) async fn database(&self) -> anyhow::Result<Database> {
        Ok(Database::connect(self.options().await?).await?)
    }

    async fn start_default_cluster(&self) -> anyhow::Result<Cluster> {
        let _section = self.signals.section();
        let cluster = Cluster::start(self.cluster_settings()?).await?;
        // One that runs was started by somebody who knows of it.
        if cluster.started_by_us() {
            self.note(format_args!(
                "no database is configured: started the embedded cluster in {} (`underpin db start` keeps it running)",
                cluster.data_dir().display()
            ));
        }
        Ok(cluster)
    }

    /// Lets go of the clusters; stops those that were started here and that nobody else uses.
    pub(crate) async fn shutdown(self) {
        let clusters = [self.cluster, self.scratch];
        for cluster in clusters.into_iter().filter_map(Mutex::into_inner) {
            if let Err(error) = cluster.stop_hurried_by(self.signals.hurry()).await {
                self.output
                    .note(format_args!("warning: {}", underpin_core::Chain(&error)));
            }
        }
    }

    /// The colour, where results may carry any.
    pub(crate) fn ink(&self, ink: Ink) -> Ink {
        self.output.ink(ink)
    }

    /// Does work that may block, such as reading standard input or a pipe, so that a signal ends the command meanwhile.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        tokio::select! {
            done = tokio::task::spawn_blocking(work) => Ok(done?),
            () = self.signals.told(1) => Err(crate::exit::told_to_end()),
        }
    }

    /// Prints one line of the result to stdout; see [`Output::out`].
    pub(crate) fn out(&self, line: impl Display) -> anyhow::Result<()> {
        self.output.out(line)
    }

    /// Prints several lines of the result to stdout; see [`Output::out_lines`].
    pub(crate) fn out_lines(&self, lines: impl Display) -> anyhow::Result<()> {
        self.output.out_lines(lines)
    }

    /// Prints a text to stdout, for people or another program; see [`Output::out_text`].
    #[expect(
        clippy::unused_self,
        reason = "commands print through their context, wherever that goes"
    )]
    pub(crate) fn out_text(&self, text: impl Display) -> anyhow::Result<()> {
        Output::out_text(text)
    }

    /// Prints the result as JSON to stdout.
    #[expect(
        clippy::unused_self,
        reason = "commands print through their context, wherever that goes"
    )]
    pub(crate) fn out_json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        Output::out_json(value)
    }

    /// Tells what is being done, on stderr; `--quiet` silences it.
    pub(crate) fn note(&self, line: impl Display) {
        self.output.note(line);
    }

    /// The same of several lines; see [`Output::note_lines`].
    pub(crate) fn note_lines(&self, lines: impl Display) {
        self.output.note_lines(lines);
    }

    /// Asks on stderr; the answer is for the caller to read.
    pub(crate) fn ask(&self, question: impl Display) -> anyhow::Result<()> {
        self.output.ask(question)
    }

    /// Shows long work: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.
    pub(crate) fn progress(&self, len: u64, label: &str) -> Progress {
        self.output.progress(len, label)
    }
}

//! What `down` and `redo` share: data that the way back would destroy, and asking before it runs.

use super::{confirm, show};
use crate::context::Context;
use underpin_migrate::{DataLoss, Migrator, Plan, Settings};

/// Options of going back.
#[derive(Debug, clap::Args)]
pub(super) struct DataOptions {
    /// Keep a copy of what would be lost in the schema `underpin_quarantine`: `underpin migrate restore` brings it back, `purge` drops it
    #[arg(long)]
    quarantine: bool,

    /// Go ahead although data is lost; with --quarantine only what cannot be kept
    #[arg(long)]
    allow_data_loss: bool,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl DataOptions {
    /// What the runner does about data that would be lost.
    pub(super) fn apply(&self, settings: &mut Settings) {
        settings.data_loss = match (self.quarantine, self.allow_data_loss) {
            (true, true) => DataLoss::QuarantineOrAllow,
            (false, true) => DataLoss::Allow,
            (true, false) => DataLoss::Quarantine,
            (false, false) => DataLoss::Refuse,
        };
    }

    /// Refuses what is not allowed, with numbers; then asks, unless told not to.
    pub(super) async fn confirm(
        &self,
        migrator: &Migrator,
        plan: &Plan,
        context: &Context,
    ) -> anyhow::Result<()> {
        if self.yes || plan.is_empty() {
            return Ok(());
        }
        migrator.refuse_losses(plan).await?;
        let files: Vec<_> = plan.steps().iter().map(|step| step.file()).collect();
        let what = format!(
            "run {}: {}",
            show::count(files.len(), "file"),
            files.join(", ")
        );
        let loss = if self.quarantine {
            "What it drops is copied into the schema underpin_quarantine."
        } else {
            "What it drops is gone."
        };
        let settings = migrator.settings();
        confirm::confirm(context, show::Script { plan, settings }, &what, loss).await
    }
}

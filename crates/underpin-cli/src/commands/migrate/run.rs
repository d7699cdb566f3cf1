//! What `up` and `down` share: options of the runner, and showing what it does.

use crate::context::Context;
use crate::output;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use underpin_migrate::{Direction, Event, Migrator, Progress, Report, Settings};

/// Options of the runner.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// How long to wait for another process that is migrating, as in 30s or 5min; then exit code 5 [default: `migrate.lock_deadline`, 60s]
    #[arg(long, value_name = "TIME", value_parser = wait)]
    wait: Option<Duration>,
}

impl Options {
    /// The runner with these options, telling on stderr what it does.
    pub(super) fn apply(
        &self,
        migrator: Migrator,
        context: &Context,
        change: impl FnOnce(&mut Settings),
    ) -> Migrator {
        let mut settings = *migrator.settings();
        if let Some(wait) = self.wait {
            settings.lock_deadline = wait;
        }
        change(&mut settings);
        let shown = Shown(context.progress(0, "statements"));
        migrator
            .with_settings(settings)
            .with_progress(Arc::new(shown))
    }
}

fn wait(text: &str) -> Result<Duration, String> {
    let parsed: Option<SignedDuration> = text.parse().ok();
    parsed
        .and_then(|it| Duration::try_from(it).ok())
        .ok_or_else(|| String::from("not a time, as in 30s or 5min"))
}

/// Prints what a run did.
pub(super) fn print(report: &Report, context: &Context) -> anyhow::Result<()> {
    if context.json {
        return context.out_json(report);
    }
    let verb = match report.direction {
        Direction::Up => "applied",
        Direction::Down => "reverted",
    };
    for it in &report.migrations {
        let statements = super::show::count(it.statements, "statement");
        context.out(format_args!(
            "{verb} {} {} ({statements}, {} ms)",
            it.version, it.slug, it.duration_ms
        ))?;
    }
    for name in &report.repeatables {
        context.out(format_args!("{verb} repeatable {name}"))?;
    }
    if report.migrations.is_empty() && report.repeatables.is_empty() {
        context.out("nothing to do")?;
    }
    Ok(())
}

struct Shown(output::Progress);

impl Progress for Shown {
    fn tell(&self, event: &Event<'_>) {
        let Self(shown) = self;
        match *event {
            Event::Waiting { holder } => {
                shown.note(format_args!("waiting for another process that is migrating: {holder}"));
            }
            Event::Planned { statements, .. } => shown.set_len(statements as u64),
            Event::Migration { version, slug, direction, done } => {
                let verb = match direction {
                    Direction::Up => "applying",
                    Direction::Down => "reverting",
                };
                match done {
                    0 => shown.note(format_args!("{verb} {version} {slug}")),
                    _ => shown.note(format_args!("{verb} {version} {slug}, from statement {} on", done + 1)),
                }
            }
            Event::StatementDone { .. } => shown.inc(1),
            Event::Retrying { file, ordinal, attempt, attempts, pause } => shown.note(format_args!(
                "{file}: statement {ordinal} got no table lock, attempt {attempt} of {attempts}; again in {} ms",
                pause.as_millis()
            )),
            Event::Healed { index } => {
                shown.note(format_args!("dropped the INVALID index {index} that an interrupted build had left"));
            }
            Event::FoundDone { file, ordinal } => {
                shown.note(format_args!("{file}: statement {ordinal}, once interrupted, turned out to be done"));
            }
            Event::Kept { object, kept_as, rows } => {
                let rows = super::show::count(usize::try_from(rows).unwrap_or(usize::MAX), "row");
                shown.note(format_args!("kept {rows} of {object} as {kept_as}"));
            }
            Event::Building { file, ordinal, phase, done, total } => match total {
                0 => shown.note(format_args!("{file}: statement {ordinal}: {phase}")),
                _ => shown.note(format_args!("{file}: statement {ordinal}: {phase}, {} %", done * 100 / total)),
            },
            Event::Warning { message } => shown.note(format_args!("warning: {message}")),
            _ => {}
        }
    }
}

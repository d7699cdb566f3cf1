//! `underpin migrate history`

use super::show::count_u64;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::{HistoryEntry, HistoryStatement};

pub(super) async fn run(source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let history = source.migrator(context).await?.history().await?;
    if context.json {
        context.out_json(&history)?;
        return Ok(Exit::Done);
    }
    for entry in &history {
        context.out(headline(entry))?;
        for allow in &entry.allows {
            context.out(format_args!("  allowed {}: {}", allow.rule, allow.reason))?;
        }
        for statement in &entry.statements {
            context.out(line(statement))?;
        }
    }
    if history.is_empty() {
        context.note("no migration was ever run here");
    }
    Ok(Exit::Done)
}

fn headline(it: &HistoryEntry) -> String {
    let state = match (it.state, it.origin.as_str()) {
        (state, "run") => String::from(state),
        (state, origin) => format!("{state} ({origin})"),
    };
    let mut line = format!(
        "{} {}  {state} {:.0}  by {} from {}, {}",
        it.version, it.slug, it.started_at, it.run_by, it.run_from, it.program_version
    );
    if let Some(replaced) = &it.replaced {
        line.push_str(&format!(
            "; then {} {:.0} by {}",
            replaced.by, replaced.at, replaced.user
        ));
        if let Some(reason) = &replaced.reason {
            line.push_str(&format!(": {reason}"));
        }
    }
    line
}

fn line(it: &HistoryStatement) -> String {
    let mut line = format!(
        "  {} {}  {}, {}",
        it.direction.as_str(),
        it.ordinal,
        it.class,
        it.state
    );
    if let Some(code) = &it.sqlstate {
        line.push_str(&format!(" ({code})"));
    }
    if let Some(duration) = it.duration_ms {
        line.push_str(&format!("  {duration} ms"));
    }
    if let Some(rows) = it.rows.filter(|rows| *rows > 0) {
        line.push_str(&format!(
            "  {}",
            count_u64(u64::try_from(rows).unwrap_or_default(), "row")
        ));
    }
    line
}

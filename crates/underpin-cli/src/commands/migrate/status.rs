//! `underpin migrate status`

use super::show::count_u64;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::{RepeatableStanding, RepeatableState, Standing, State, Status, Version};

/// Options of `underpin migrate status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Exit with 4 when something is not applied, or not as it was applied
    #[arg(long)]
    exit_code: bool,
}

pub(super) async fn run(args: &Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let status = source.migrator(context).await?.status().await?;
    if context.json {
        context.out_json(&status)?;
    } else {
        print(&status, context)?;
    }
    Ok(if args.exit_code && !status.is_current() {
        Exit::Differences
    } else {
        Exit::Done
    })
}

fn print(status: &Status, context: &Context) -> anyhow::Result<()> {
    for it in &status.migrations {
        context.out(line(it))?;
    }
    for it in &status.repeatables {
        context.out(repeatable(it))?;
    }
    let states = [State::Applied, State::Reformatted, State::Program];
    let applied: usize = states.iter().map(|it| status.count(*it)).sum();
    let pending = status.count(State::Pending) + status.count(State::Failed);
    let other = status.migrations.len() - applied - pending;
    let other = if other == 0 {
        String::new()
    } else {
        format!(", {other} to look at")
    };
    context.note(format_args!(
        "chain {} ({}): {applied} applied, {pending} pending{other}",
        status.chain, status.place
    ));
    if status.heads.len() > 1 {
        let heads: Vec<_> = status.heads.iter().map(Version::to_string).collect();
        context.note(format_args!(
            "{} heads, which no migration follows together: {}",
            heads.len(),
            heads.join(", ")
        ));
    }
    Ok(())
}

fn repeatable(it: &RepeatableStanding) -> String {
    let state = match it.state {
        RepeatableState::Pending => "pending",
        RepeatableState::Applied => "applied",
        RepeatableState::Changed => "changed, to be run again",
        RepeatableState::Superseded => "replaced since by other content, to be run again",
        RepeatableState::Missing => "applied, file missing",
        _ => "unknown",
    };
    match it.applied_at {
        Some(at) => format!("repeatable {}  {state}  {at:.0}", it.name),
        None => format!("repeatable {}  {state}", it.name),
    }
}

fn line(it: &Standing) -> String {
    let state = match (it.state, it.done, it.of) {
        (State::Pending, ..) => String::from("pending"),
        (State::Failed, ..) => String::from("failed"),
        (State::Partial, Some(done), Some(of)) => format!("partial at {done} of {of}"),
        (State::Reverting, Some(done), Some(of)) => format!("reverted {done} of {of}"),
        (State::Partial, ..) => String::from("partial"),
        (State::Reverting, ..) => String::from("reverting"),
        (State::Applied, ..) => String::from("applied"),
        (State::Reformatted, ..) => String::from("applied, reformatted since"),
        (State::Changed, ..) => String::from("CHANGED since it was applied"),
        (State::Missing, ..) => String::from("applied, FILE MISSING"),
        (State::Program, ..) => String::from("applied by a program that has it in Rust"),
        (State::Ahead, ..) => String::from("applied by a newer program"),
        _ => String::from("unknown"),
    };
    let deferred = match (it.deferred, it.applied_at) {
        (true, None) => ", deferred",
        _ => "",
    };
    let mut line = format!("{} {}  {state}{deferred}", it.version, it.slug);
    if let Some(data) = it.data {
        let rows = match data.total {
            Some(total) => format!("{} of {}", data.done, count_u64(total, "row")),
            None => count_u64(data.done, "row"),
        };
        line.push_str(&format!("  {rows} done"));
    }
    if let Some(at) = it.applied_at {
        line.push_str(&format!("  {at:.0}"));
    }
    if let Some(failed) = &it.failed {
        let code = failed.sqlstate.as_deref().unwrap_or("no SQLSTATE");
        line.push_str(&format!("  statement {} failed ({code})", failed.statement));
    }
    if let Some(it) = &it.interrupted {
        let how = match &it.sqlstate {
            Some(code) => format!("failed ({code}) and may have kept a part"),
            None => String::from("interrupted"),
        };
        let next = if it.needs_decision {
            "waits for a decision: see `--resume`"
        } else {
            "the next run looks how it ended"
        };
        line.push_str(&format!("  statement {} {how}, {next}", it.statement));
    }
    line
}

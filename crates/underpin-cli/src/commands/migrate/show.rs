//! Printing plans.

use crate::context::Context;
use crate::output::one_line;
use jiff::SignedDuration;
use serde::Serialize;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;
use underpin_migrate::{
    Direction, Loss, Plan, Preview, Repeatable, Settings, Slug, SqlHook, Step, Version,
};

/// Prints the statements of a plan as SQL with comments, or as JSON.
pub(super) fn print(script: &Script<'_>, losses: &[Loss], context: &Context) -> anyhow::Result<()> {
    let Script { plan, .. } = script;
    if context.json {
        return context.out_json(&Shown::new(script, losses));
    }
    for warning in plan.warnings() {
        context.note(format_args!("warning: {warning}"));
    }
    if plan.is_empty() {
        return context.out("-- nothing to do");
    }
    context.out_text(script)?;
    for loss in losses {
        context.out(format_args!("-- would destroy {loss}"))?;
    }
    Ok(())
}

/// `1 file`, `2 files`.
pub(super) fn count(count: usize, what: &str) -> String {
    count_u64(u64::try_from(count).unwrap_or(u64::MAX), what)
}

/// The same of what a database counts.
pub(super) fn count_u64(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A line an item, each after the verb, if there is one.
pub(super) fn lines<T>(verb: &str, items: &[T], line: impl Fn(&T) -> String) -> String {
    let space = if verb.is_empty() { "" } else { " " };
    let lines = items
        .iter()
        .map(|it| format!("{verb}{space}{}", one_line(line(it))));
    lines.collect::<Vec<_>>().join("\n")
}

/// A plan as SQL with comments.
pub(super) struct Script<'a> {
    pub(super) plan: &'a Plan,
    pub(super) settings: &'a Settings,
}

impl<'a> Script<'a> {
    /// A title and what runs under it, in order: files, and the hooks around them.
    fn parts(&self) -> Vec<(String, Vec<Preview<'a>>)> {
        let Self { plan, settings } = *self;
        let hook = |when: &str| {
            let name = format!("{when}_{}", plan.direction().as_str());
            let hook = plan.hooks().iter().find(|it| it.name == name);
            hook.map(|it| {
                (
                    format!("{}, a hook", it.script.file()),
                    it.preview(settings),
                )
            })
        };
        let mut parts = Vec::from_iter(hook("before"));
        for step in plan.steps() {
            let from = match step.done() {
                0 => String::new(),
                done => format!(", from statement {} on", done + 1),
            };
            parts.extend(hook("before_each"));
            parts.push((format!("{}{from}", step.file()), step.preview(settings)));
            parts.extend(hook("after_each"));
        }
        parts.extend(plan.repeatables().iter().map(|it| {
            let title = format!("{}, run again whenever it changes", it.script.file());
            (title, it.preview(settings))
        }));
        parts.extend(hook("after"));
        parts
    }
}

impl Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut newline = "";
        for (title, statements) in self.parts() {
            write!(f, "{newline}-- {}", one_line(title))?;
            for it in &statements {
                write!(f, "\n-- {}\n{};", comment(it), it.sql)?;
            }
            newline = "\n";
        }
        Ok(())
    }
}

/// What a statement is, which lock it takes, whether it runs alone, and how long it may take.
fn comment(it: &Preview<'_>) -> String {
    let kind = match (&it.kind, it.doubt) {
        (Some(kind), _) => kind.clone(),
        (None, Some(doubt)) => format!("not understood ({doubt}), but PostgreSQL knows it"),
        (None, None) => String::from("not understood"),
    };
    let lock = match (it.lock, it.lock_timeout_ms) {
        (Some(lock), Some(wait @ 1..)) => {
            format!("{lock} ({}), waits {} for it", lock.leaves(), time(wait))
        }
        (Some(lock), _) => format!("{lock} ({})", lock.leaves()),
        (None, _) if is_unknown(it) => String::from("locks what it pleases"),
        (None, _) => String::from("no table lock"),
    };
    let place = match it.transaction {
        _ if it.batches => String::from("by the program, in batches"),
        Some(transaction) => format!("transaction {transaction}"),
        None => String::from("alone, outside a transaction"),
    };
    let limit = match it.statement_timeout_ms {
        Some(limit) => format!(", up to {}", time(limit)),
        None => String::new(),
    };
    format!("{} {kind}: {lock}; {place}{limit}", it.ordinal)
}

/// Does only running it tell which tables it locks?
fn is_unknown(it: &Preview<'_>) -> bool {
    matches!(it.kind.as_deref(), None | Some("DO" | "CALL" | "EXECUTE"))
}

fn time(millis: u64) -> String {
    let duration = SignedDuration::try_from(Duration::from_millis(millis));
    duration.map_or_else(|_| format!("{millis} ms"), |it| format!("{it:#}"))
}

#[derive(Serialize)]
struct Shown<'a> {
    direction: Direction,
    migrations: Vec<ShownStep<'a>>,
    repeatables: Vec<ShownFile<'a>>,
    hooks: Vec<ShownFile<'a>>,
    losses: &'a [Loss],
    warnings: &'a [String],
}

#[derive(Serialize)]
struct ShownStep<'a> {
    version: Version,
    slug: &'a Slug,
    file: &'a str,
    done: u32,
    statements: Vec<Preview<'a>>,
}

#[derive(Serialize)]
struct ShownFile<'a> {
    name: &'a str,
    file: &'a str,
    statements: Vec<Preview<'a>>,
}

impl<'a> Shown<'a> {
    fn new(script: &Script<'a>, losses: &'a [Loss]) -> Self {
        let Script { plan, settings } = *script;
        let step = |it: &'a Step| ShownStep {
            version: it.migration().version,
            slug: &it.migration().slug,
            file: it.file(),
            done: it.done(),
            statements: it.preview(settings),
        };
        let repeatable = |it: &'a Arc<Repeatable>| ShownFile {
            name: &it.name,
            file: it.script.file(),
            statements: it.preview(settings),
        };
        let hook = |it: &'a Arc<SqlHook>| ShownFile {
            name: it.name,
            file: it.script.file(),
            statements: it.preview(settings),
        };
        Self {
            direction: plan.direction(),
            migrations: plan.steps().iter().map(step).collect(),
            repeatables: plan.repeatables().iter().map(repeatable).collect(),
            hooks: plan.hooks().iter().map(hook).collect(),
            losses,
            warnings: plan.warnings(),
        }
    }
}

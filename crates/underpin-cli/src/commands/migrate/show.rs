//! Printing plans.

use crate::context::Context;
use serde::Serialize;
use std::fmt::{self, Display};
use underpin_migrate::sql::Class;
use underpin_migrate::{Direction, Loss, Plan, Slug, Step, Version};

/// Prints the statements of a plan as SQL, or as JSON.
pub(super) fn print(plan: &Plan, losses: &[Loss], context: &Context) -> anyhow::Result<()> {
    if context.json {
        return context.out_json(&Shown::new(plan, losses));
    }
    if plan.is_empty() {
        return context.out("-- nothing to do");
    }
    context.out(Script(plan))?;
    for loss in losses {
        context.out(format_args!("-- would destroy {loss}"))?;
    }
    Ok(())
}

/// `1 file`, `2 files`.
pub(super) fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A plan as SQL with comments.
pub(super) struct Script<'a>(pub(super) &'a Plan);

impl Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.steps().iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "-- {}", step.file())?;
            if step.done() > 0 {
                write!(f, ", from statement {} on", step.done() + 1)?;
            }
            for statement in step.remaining() {
                let alone = if statement.class() == Class::Alone {
                    "-- alone, outside a transaction\n"
                } else {
                    ""
                };
                write!(f, "\n{alone}{};", statement.text())?;
            }
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    direction: Direction,
    migrations: Vec<ShownStep<'a>>,
    losses: &'a [Loss],
    warnings: &'a [String],
}

#[derive(Serialize)]
struct ShownStep<'a> {
    version: Version,
    slug: &'a Slug,
    file: &'a str,
    done: u32,
    statements: Vec<ShownStatement<'a>>,
}

#[derive(Serialize)]
struct ShownStatement<'a> {
    ordinal: u32,
    line: u32,
    class: Class,
    sql: &'a str,
}

impl<'a> Shown<'a> {
    fn new(plan: &'a Plan, losses: &'a [Loss]) -> Self {
        Self {
            direction: plan.direction(),
            migrations: plan.steps().iter().map(ShownStep::new).collect(),
            losses,
            warnings: plan.warnings(),
        }
    }
}

impl<'a> ShownStep<'a> {
    fn new(step: &'a Step) -> Self {
        let statement = |it: &'a underpin_migrate::sql::Statement| ShownStatement {
            ordinal: it.ordinal(),
            line: it.line(),
            class: it.class(),
            sql: it.text(),
        };
        Self {
            version: step.migration().version,
            slug: &step.migration().slug,
            file: step.file(),
            done: step.done(),
            statements: step.remaining().iter().map(statement).collect(),
        }
    }
}

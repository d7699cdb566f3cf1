//! What a run will do, decided from files and ledger alone.

mod group;
mod limits;
mod order;
mod preview;
mod repeat;
mod step;

pub use preview::Preview;
pub use repeat::RepeatableState;
pub use step::Step;

pub(crate) use repeat::outdated;

pub(crate) use group::{Group, groups};
pub(crate) use limits::Limits;

use crate::compare::{Compared, State, compare, first_difference};
use crate::files::{
    Chain, Direction, Migration, Repeatable, Script, SqlHook, Version, no_way_back,
};
use crate::ledger::Ledger;
use crate::{Error, Settings};
use std::num::NonZeroUsize;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Apply all that is pending; revert all that is applied.
    All,
    /// This version is the newest applied one afterwards.
    To(Version),
    /// So many migrations.
    Steps(NonZeroUsize),
}

/// The migrations that a run will apply or revert, in order.
#[derive(Debug, Clone)]
pub struct Plan {
    direction: Direction,
    target: Target,
    steps: Vec<Step>,
    repeatables: Vec<Arc<Repeatable>>,
    hooks: Vec<Arc<SqlHook>>,
    warnings: Vec<String>,
    squashed: Vec<Version>,
}

impl Plan {
    /// Forward or back.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Its steps, in the order in which they will run.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The repeatable files that will be run after them.
    #[must_use]
    pub fn repeatables(&self) -> &[Arc<Repeatable>] {
        &self.repeatables
    }

    /// The files that will be run around all of it, and around each of its steps.
    #[must_use]
    pub fn hooks(&self) -> &[Arc<SqlHook>] {
        &self.hooks
    }

    /// What a person should look at.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Is there nothing to do?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.repeatables.is_empty()
    }

    /// Migrations that are to be recorded instead of those that they were squashed from.
    pub(crate) fn squashed(&self) -> &[Version] {
        &self.squashed
    }

    pub(crate) fn target(&self) -> Target {
        self.target
    }

    /// How many statements will be run.
    pub(crate) fn statement_count(&self) -> usize {
        let repeatables = self.repeatables.iter();
        let count = |script: &Script| script.statements().map_or(0, <[_]>::len);
        let repeated = repeatables.map(|it| count(&it.script));
        let hooks = self.hooks.iter().map(|it| {
            let times = if it.is_each() { self.steps.len() } else { 1 };
            times * count(&it.script)
        });
        let steps = self.steps.iter().map(|step| step.remaining().len());
        steps.chain(repeated).chain(hooks).sum()
    }

    /// Does another plan do the same?
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let repeatables = |plan: &Self| -> Vec<_> {
            let files = plan.repeatables.iter();
            files.map(|it| it.script.raw_hash()).collect()
        };
        self.direction == other.direction
            && repeatables(self) == repeatables(other)
            && self.steps.len() == other.steps.len()
            && self
                .steps
                .iter()
                .zip(&other.steps)
                .all(|(one, other)| one.is_same_as(other))
    }

    /// Decides what to do; touches nothing.
    pub(crate) fn new(
        chain: &Chain,
        ledger: &Ledger,
        direction: Direction,
        target: Target,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let compared = compare(chain, ledger);
        if let Target::To(version) = target {
            check_target(chain, &compared, version)?;
        }
        let (steps, notes) = match direction {
            Direction::Up => steps_up(chain, &compared, target, settings)?,
            Direction::Down => (steps_down(&compared, target, settings)?, Vec::new()),
        };
        if let Some(resume) = settings.resume
            && steps.iter().all(|it| it.decision().is_none())
        {
            return Err(resume.needless());
        }
        let mut warnings = warnings(&compared);
        warnings.extend(notes);
        warnings.extend(steps.iter().filter_map(Step::without_statements));
        warnings.extend(steps.iter().filter_map(Step::skipped_lines));
        // On the way to an earlier version the tables may lack what the files of today ask for.
        let repeatables = match (direction, target) {
            (Direction::Up, Target::All) => {
                repeat::after_steps(chain, ledger, &steps, settings.for_start)?
            }
            _ => Vec::new(),
        };
        let mut hooks = Vec::new();
        if !steps.is_empty() || !repeatables.is_empty() {
            let of_direction = |it: &&Arc<SqlHook>| it.direction() == direction;
            hooks.extend(chain.hooks().iter().filter(of_direction).cloned());
            // A mistake in them is told before anything runs.
            hooks
                .iter()
                .try_for_each(|it| it.script.statements().map(drop))?;
        }
        Ok(Self {
            direction,
            target,
            steps,
            repeatables,
            hooks,
            warnings,
            squashed: ledger.squashed.clone(),
        })
    }
}

/// The steps, and what is to be noted about their order.
fn steps_up(
    chain: &Chain,
    compared: &[Compared<'_>],
    target: Target,
    settings: &Settings,
) -> Result<(Vec<Step>, Vec<String>), Error> {
    for it in compared {
        refuse_conflict(it)?;
        if it.state == State::Reverting {
            return Err(half(
                it,
                "reverted",
                "finish that with `underpin migrate down`, then apply",
            ));
        }
    }
    let mut wanted = Vec::new();
    for it in compared {
        let open = matches!(it.state, State::Pending | State::Failed | State::Partial);
        let left_out = settings.for_start && it.is_deferred();
        if open && !left_out && !is_enough(target, it.version, wanted.len()) {
            wanted.push(it);
        }
    }
    if !wanted.is_empty()
        && let Some(it) = compared.iter().find(|it| it.state == State::Program)
    {
        return Err(in_rust(it));
    }
    let notes = order::check(chain, compared, &wanted, settings)?;
    let mut steps = Vec::with_capacity(wanted.len());
    for it in wanted {
        if let Some(migration) = it.migration {
            steps.push(step(it, migration, Direction::Up, settings)?);
        }
    }
    Ok((steps, notes))
}

fn steps_down(
    compared: &[Compared<'_>],
    target: Target,
    settings: &Settings,
) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    for it in compared.iter().rev().filter(|it| it.state.is_applied()) {
        let enough = match target {
            Target::All => false,
            Target::To(version) => it.version <= version,
            Target::Steps(count) => steps.len() >= count.get(),
        };
        if enough {
            break;
        }
        refuse_conflict(it)?;
        match it.state {
            State::Partial => {
                return Err(half(
                    it,
                    "applied",
                    "finish that with `underpin migrate up`, then revert",
                ));
            }
            State::Ahead => return Err(ahead(it)),
            State::Program => return Err(in_rust(it)),
            _ => {}
        }
        if let Some(migration) = it.migration {
            if migration.down.is_none() {
                return Err(no_way_back(migration));
            }
            steps.push(step(it, migration, Direction::Down, settings)?);
        }
    }
    Ok(steps)
}

fn is_enough(target: Target, version: Version, steps: usize) -> bool {
    match target {
        Target::All => false,
        Target::To(last) => version > last,
        Target::Steps(count) => steps >= count.get(),
    }
}

fn step(
    it: &Compared<'_>,
    migration: &Arc<Migration>,
    direction: Direction,
    settings: &Settings,
) -> Result<Step, Error> {
    // Rows of a run that is over, such as the `up` of a reverted migration, say nothing about this one.
    let half_run = matches!(it.state, State::Partial | State::Reverting);
    let record = it.record.filter(|_| half_run);
    Step::new(migration, direction, record, settings.resume)
}

pub(crate) fn check_target(
    chain: &Chain,
    compared: &[Compared<'_>],
    version: Version,
) -> Result<(), Error> {
    if compared.iter().any(|it| it.version == version) {
        return Ok(());
    }
    let message = format!("there is no migration {version} in {}", chain.place());
    Err(Error::new(ErrorKind::NotFound, message)
        .with_hint("`underpin migrate status` lists the versions"))
}

/// An applied file that changed or went away stops every run.
pub(crate) fn refuse_conflict(it: &Compared<'_>) -> Result<(), Error> {
    match (it.state, it.migration, it.record) {
        (State::Changed, Some(migration), Some(record)) => {
            let file = migration.up.file();
            let place = match first_difference(migration, record, Direction::Up) {
                Some(ordinal) => {
                    format!("{file} was changed after it was applied, from statement {ordinal} on")
                }
                None => format!("{file} was changed after it was applied"),
            };
            Err(Error::conflict(place).with_hint(format!(
                "restore the file from version control and write the change as a new migration; comments and layout \
                 may change freely; if the database is right as it is, `underpin migrate rebless {} --reason …` \
                 accepts the file",
                it.version
            )))
        }
        (State::Missing, _, Some(record)) => {
            let message = format!(
                "migration {} {} was applied and its file is missing",
                it.version, record.slug
            );
            Err(Error::conflict(message).with_hint(
                "restore the file from version control; when its branch was never meant to run here, revert it from \
                 that branch with `underpin migrate down`",
            ))
        }
        _ => Ok(()),
    }
}

fn half(it: &Compared<'_>, what: &str, hint: &'static str) -> Error {
    let message = match it.record {
        Some(record) => {
            let direction = if what == "applied" {
                Direction::Up
            } else {
                Direction::Down
            };
            let done = record.done(direction);
            format!(
                "migration {} {} is half {what}: {done} of {} statements are done",
                it.version, record.slug, record.statement_count
            )
        }
        None => format!("migration {} is half {what}", it.version),
    };
    Error::conflict(message).with_hint(hint)
}

fn ahead(it: &Compared<'_>) -> Error {
    Error::conflict(format!(
        "migration {} was applied by a newer program than this one",
        it.version
    ))
    .with_hint("revert it with that program")
}

/// Others of its kind may be missing here, in front of what this program would run.
fn in_rust(it: &Compared<'_>) -> Error {
    let slug = it.record.map_or("", |it| it.slug.as_str());
    let message = format!(
        "migration {} {slug} is written in Rust: the program that applied it has it, this one does not",
        it.version
    );
    Error::new(ErrorKind::Refused, message).with_hint(
        "run the service's own command, a program that calls `underpin::cli::main_with`, with the same arguments",
    )
}

fn warnings(compared: &[Compared<'_>]) -> Vec<String> {
    let warning = |it: &Compared<'_>| match (it.state, it.migration) {
        (State::Reformatted, Some(migration)) => Some(format!(
            "{} was applied and reformatted since: its meaning is the same",
            migration.up.file()
        )),
        (State::Ahead, _) => Some(format!(
            "migration {} was applied by a newer program than this one",
            it.version
        )),
        _ => None,
    };
    compared.iter().filter_map(warning).collect()
}

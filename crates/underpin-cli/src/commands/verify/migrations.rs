//! Are the migrations applied, and as they were written: those of this folder, and those of Underpin's own tables?

use super::check::Check;
use super::{BUILT_IN, MIGRATIONS};
use crate::commands::migrate::of_this_folder;
use crate::context::Context;
use underpin_migrate::{Chain, State, Status};

/// Of the folder that `underpin migrate` takes; without one there is nothing to look at.
pub(super) async fn check(context: &Context) -> Check {
    let chain = match of_this_folder(context) {
        Ok(Some(chain)) => chain,
        Ok(None) => return Check::skip(MIGRATIONS, "there is no folder ./migrations here"),
        Err(error) => return Check::any_error(MIGRATIONS, &error),
    };
    let words = Words {
        name: MIGRATIONS,
        of: "migrations in ./migrations",
        look: "look at `underpin migrate status`: the database was migrated with other files than these",
        apply: "run `underpin migrate up`",
    };
    match status(chain, context).await {
        Ok(status) => judge(&status, &words),
        Err(error) => Check::any_error(MIGRATIONS, &error),
    }
}

/// Of Underpin's own tables. A database that never had any needs none: `underpin serve` makes them.
pub(super) async fn check_built_in(context: &Context) -> Check {
    let words = Words {
        name: BUILT_IN,
        of: "built-in migrations",
        look: "look at `underpin migrate status --builtin`: this database was migrated by another version of this program",
        apply: "run `underpin migrate up --builtin`; `underpin serve` does it at its start",
    };
    let found = match underpin_server::migrations() {
        Ok(chain) => status(chain, context).await,
        Err(error) => Err(error.into()),
    };
    match found {
        Ok(status) if status.count(State::Pending) == status.migrations.len() => Check::ok(
            BUILT_IN,
            "none of the built-in migrations is applied: `underpin serve` makes its tables at its start",
        ),
        Ok(status) => judge(&status, &words),
        Err(error) => Check::any_error(BUILT_IN, &error),
    }
}

async fn status(chain: Chain, context: &Context) -> anyhow::Result<Status> {
    Ok(context.migrator(chain).await?.status().await?)
}

/// How one chain is called, and what to do about it.
struct Words {
    name: &'static str,
    of: &'static str,
    look: &'static str,
    apply: &'static str,
}

fn judge(status: &Status, words: &Words) -> Check {
    let Words { name, of, .. } = *words;
    let applied = [State::Applied, State::Reformatted, State::Program];
    let applied: usize = applied.into_iter().map(|it| status.count(it)).sum();
    let ahead = status.count(State::Ahead);
    let total = status.migrations.len();
    let deferred = status.deferred();
    let again = status.outdated();
    if status.behind() > deferred || again > 0 {
        let text = format!(
            "{applied} of {total} {of} are applied; {}",
            others(status, again)
        );
        return Check::fail(name, text).hint(next_step(status, words));
    }
    if deferred > 0 {
        let text = format!("{applied} of {total} {of} are applied; {deferred} deferred");
        return Check::warn(name, text).hint(next_step(status, words));
    }
    if ahead > 0 {
        let text = format!("all {of} are applied, and {ahead} of a newer program");
        return Check::warn(name, text)
            .hint("upgrade this program to the version that the database is at");
    }
    Check::ok(name, format!("all {total} {of} are applied"))
}

/// What stands otherwise than it should, counted.
fn others(status: &Status, repeatables: usize) -> String {
    let words = [
        (State::Pending, "pending"),
        (State::Failed, "failed"),
        (State::Partial, "applied in part"),
        (State::Reverting, "reverted in part"),
        (State::Changed, "changed since they were applied"),
        (State::Missing, "missing here"),
    ];
    let counted = words
        .into_iter()
        .map(|(state, word)| (status.count(state), word))
        .chain([(repeatables, "repeatable to be run")]);
    let counted: Vec<_> = counted
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    counted.join(", ")
}

fn next_step(status: &Status, words: &Words) -> &'static str {
    match status.count(State::Changed) + status.count(State::Missing) {
        0 => words.apply,
        _ => words.look,
    }
}

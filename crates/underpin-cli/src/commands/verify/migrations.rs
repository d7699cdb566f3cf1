//! Are the built-in migrations applied, and as they were written?

use super::MIGRATIONS;
use super::check::Check;
use underpin_migrate::{Error, Migrator, State, Status};
use underpin_pool::Options;

pub(super) async fn check(options: &Options) -> Check {
    match status(options).await {
        Ok(status) => judge(&status),
        Err(error) => Check::error(MIGRATIONS, &error),
    }
}

async fn status(options: &Options) -> Result<Status, Error> {
    Migrator::new(options.clone(), underpin_server::migrations()?)
        .status()
        .await
}

fn judge(status: &Status) -> Check {
    let applied = status.count(State::Applied) + status.count(State::Reformatted);
    let ahead = status.count(State::Ahead);
    let total = status.migrations.len();
    let deferred = status.deferred();
    if status.behind() > deferred {
        return Check::fail(
            MIGRATIONS,
            format!(
                "{applied} of {total} built-in migrations are applied; {}",
                others(status)
            ),
        )
        .hint(next_step(status));
    }
    if deferred > 0 {
        let text =
            format!("{applied} of {total} built-in migrations are applied; {deferred} deferred");
        return Check::warn(MIGRATIONS, text).hint(next_step(status));
    }
    if ahead > 0 {
        let text = format!("all built-in migrations are applied, and {ahead} of a newer program");
        return Check::warn(MIGRATIONS, text)
            .hint("upgrade this program to the version that the database is at");
    }
    Check::ok(
        MIGRATIONS,
        format!("all {total} built-in migrations are applied"),
    )
}

/// What stands otherwise than it should, counted.
fn others(status: &Status) -> String {
    let words = [
        (State::Pending, "pending"),
        (State::Failed, "failed"),
        (State::Partial, "applied in part"),
        (State::Reverting, "reverted in part"),
        (State::Changed, "changed since they were applied"),
        (State::Missing, "missing in this program"),
    ];
    let counted = words
        .into_iter()
        .map(|(state, word)| (status.count(state), word));
    let counted: Vec<_> = counted
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    counted.join(", ")
}

fn next_step(status: &Status) -> &'static str {
    if status.count(State::Changed) + status.count(State::Missing) > 0 {
        "look at `underpin migrate status --builtin`: this database was migrated by another version of this program"
    } else {
        "run `underpin migrate up --builtin`; `underpin serve` does it at its start"
    }
}

//! `underpin verify`: is this database ready for this program?

mod address;
mod check;
mod clock;
mod connections;
mod encryption;
mod extensions;
mod migrations;
mod server;

use crate::context::Context;
use crate::exit::Exit;
use check::{Check, Line};
use serde::Serialize;
use underpin_pool::{Options, Session};

/// Options of `underpin verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One line a check: `ok`, `warn`, `fail` or `skip`, its name, what was found. Exit code 0 when none failed, else 1.
The migrations are those of ./migrations, when it is there; those of Underpin's own tables (built-in) are looked at when the
database has any. The checks change nothing; for a moment they open as many connections as the pool may.")]
pub(crate) struct Args {}

/// All checks, and what they add up to.
#[derive(Debug, Serialize)]
struct Report {
    ready: bool,
    checks: Vec<Check>,
}

/// The checks in the order they run and are printed.
const URL: &str = "url";
const SERVER: &str = "server";
const MIGRATIONS: &str = "migrations";
const BUILT_IN: &str = "built-in";
const EXTENSIONS: &str = "extensions";
const CONNECTIONS: &str = "connections";
const CLOCK: &str = "clock";
const TLS: &str = "tls";

/// Runs every check; one that cannot run because an earlier one failed is skipped and says so.
pub(crate) async fn run(_args: Args, context: &Context) -> anyhow::Result<Exit> {
    let checks = checks(context).await;
    let report = Report {
        ready: checks.iter().all(|check| !check.is_failure()),
        checks,
    };
    if context.json {
        context.out_json(&report)?;
    } else {
        for check in &report.checks {
            context.out(Line { check, context })?;
            if let Some(hint) = check.next_step() {
                context.out(format_args!("     hint: {hint}"))?;
            }
        }
    }
    Ok(if report.ready {
        Exit::Done
    } else {
        Exit::Failed
    })
}

async fn checks(context: &Context) -> Vec<Check> {
    let (url, options) = address::check(context).await;
    let mut checks = vec![url];
    let Some(options) = options else {
        checks.extend(skipped(
            &[
                SERVER,
                MIGRATIONS,
                BUILT_IN,
                EXTENSIONS,
                CONNECTIONS,
                CLOCK,
                TLS,
            ],
            "there is no usable database URL",
        ));
        return checks;
    };
    let (server, session) = server::check(&options).await;
    checks.push(server);
    let Some(session) = session else {
        checks.extend(skipped(
            &[MIGRATIONS, BUILT_IN, EXTENSIONS, CONNECTIONS, CLOCK, TLS],
            "the server cannot be used",
        ));
        return checks;
    };
    checks.extend(on_session(&options, &session, context).await);
    session.close();
    checks
}

async fn on_session(options: &Options, session: &Session, context: &Context) -> [Check; 6] {
    [
        migrations::check(context).await,
        migrations::check_built_in(context).await,
        extensions::check(session).await,
        connections::check(options, session).await,
        clock::check(session).await,
        encryption::check(&options.url, session).await,
    ]
}

fn skipped<'a>(names: &'a [&'static str], why: &'a str) -> impl Iterator<Item = Check> + 'a {
    names
        .iter()
        .map(move |name| Check::skip(name, format!("not checked: {why}")))
}

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
The checks change nothing; for a moment they open as many connections as the pool may.")]
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
            &[SERVER, MIGRATIONS, EXTENSIONS, CONNECTIONS, CLOCK, TLS],
            "there is no usable database URL",
        ));
        return checks;
    };
    let (server, session) = server::check(&options).await;
    checks.push(server);
    let Some(session) = session else {
        checks.extend(skipped(
            &[MIGRATIONS, EXTENSIONS, CONNECTIONS, CLOCK, TLS],
            "the server cannot be used",
        ));
        return checks;
    };
    checks.extend(on_session(&options, &session).await);
    session.close();
    checks
}

async fn on_session(options: &Options, session: &Session) -> [Check; 5] {
    [
        migrations::check(options).await,
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

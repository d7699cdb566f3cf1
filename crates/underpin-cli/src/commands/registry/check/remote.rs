//! Checks another registry over HTTP, as its clients would use it.

use super::client::Client;
use super::rules::{self, Check};
use crate::context::Context;
use crate::exit::Exit;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Report {
    url: String,
    passed: bool,
    checks: Vec<Check>,
}

/// One line a check.
pub(super) async fn run(url: &str, context: &Context) -> anyhow::Result<Exit> {
    let client = Client::new(url)?;
    if let Some(version) = client.left_out() {
        context.note(format_args!(
            "note: left {version} out of the address: clients are given it without, and add it themselves"
        ));
    }
    let checks = rules::all(&client).await;
    let passed = checks.iter().all(|check| !check.is_failure());
    if context.json {
        context.out_json(&Report {
            url: url.to_owned(),
            passed,
            checks,
        })?;
    } else {
        for check in &checks {
            context.out(check)?;
        }
    }
    Ok(if passed { Exit::Done } else { Exit::Failed })
}

//! Asking before something is destroyed.

use crate::context::Context;
use crate::error::Error;
use anyhow::Context as _;
use std::fmt::Display;
use std::io::{self, IsTerminal};
use tokio::io::{AsyncBufReadExt, BufReader};
use underpin_core::ErrorKind;

/// Shows what will be done and asks; without a terminal it refuses, as without a yes.
///
/// `what` completes the sentence "This would …", `loss` is the sentence that says what is gone then.
pub(super) async fn confirm(
    context: &Context,
    shown: impl Display,
    what: &str,
    loss: &str,
) -> anyhow::Result<()> {
    context.note_lines(shown);
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let message = format!("nobody can be asked, and this would {what}");
        return Err(refused(message).with_hint("add --yes to go ahead").into());
    }
    context.ask(format_args!(
        "This would {what}.\n{loss} Type yes to go ahead: "
    ))?;
    let mut answer = String::new();
    let mut stdin = BufReader::new(tokio::io::stdin());
    stdin
        .read_line(&mut answer)
        .await
        .context("could not read the answer")?;
    if answer.trim() == "yes" {
        return Ok(());
    }
    let error = refused(String::from("not confirmed; nothing was done"));
    Err(error.with_hint("type yes, or add --yes").into())
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Refused, message)
}

//! `underpin reference` (hidden): the command line as a page of documentation, for `cargo xtask gen`.

use crate::args::Cli;
use crate::context::Context;
use crate::exit::Exit;
use clap::{Arg, Command, CommandFactory};
use std::fmt::Write;

/// Options of `underpin reference`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

const HEAD: &str = "\
# Command line

<!-- Written by `cargo xtask gen` from the program itself; change the texts in crates/underpin-cli. -->

Results go to standard output, everything else to standard error. Errors are printed as `error: …`, their causes indented below, then
`hint: …` with the next step.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | failed |
| 2 | wrong usage: the command line or a setting |
| 3 | refused for safety; the hint says what to add to go ahead |
| 4 | differences found |
| 5 | the migration lock's deadline passed |
| 6 | the migration history is in conflict |
| 129, 130, 143 | ended by SIGHUP, Ctrl-C (SIGINT) or SIGTERM; `serve`, which finishes in order, ends with 0 |

A signal ends every command: scratch databases are dropped and an embedded cluster that nobody else uses is stopped. A second
one ends that at once; the cluster then recovers at its next start. A command that was started to ignore a signal, as by
`nohup`, goes on ignoring it.
";

/// Prints the page.
pub(crate) async fn run(_args: Args, context: &Context) -> anyhow::Result<Exit> {
    context.out_text(page()?.trim_end())?;
    Ok(Exit::Done)
}

fn page() -> Result<String, std::fmt::Error> {
    let mut root = Cli::command();
    root.build();
    let mut page = String::from(HEAD);
    writeln!(page, "\n## Options of every command\n")?;
    let common: Vec<&Arg> = root
        .get_arguments()
        .filter(|it| it.is_global_set())
        .collect();
    options(&mut page, common.iter().copied())?;
    for command in shown(&root) {
        section(&mut page, command, command.get_name(), &common)?;
    }
    Ok(page)
}

/// One command, then its subcommands. What was `said` above, because it is common to all of them, is not said again.
fn section(page: &mut String, command: &Command, path: &str, said: &[&Arg]) -> std::fmt::Result {
    writeln!(page, "\n## underpin {path}\n")?;
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        writeln!(page, "{about}\n")?;
    }
    let usage = command.clone().render_usage().to_string();
    writeln!(
        page,
        "```text\n{}\n```",
        usage.trim_start_matches("Usage: ")
    )?;
    let is_said = |argument: &Arg| said.iter().any(|it| it.get_id() == argument.get_id());
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|it| is_shown(it) && !is_said(it))
        .collect();
    if !own.is_empty() {
        writeln!(page)?;
        options(page, own.iter().copied())?;
    }
    if let Some(text) = command
        .get_after_long_help()
        .or_else(|| command.get_after_help())
    {
        writeln!(page, "\n```text\n{}\n```", text.to_string().trim_end())?;
    }
    let common = own.iter().filter(|it| it.is_global_set());
    let said: Vec<&Arg> = said.iter().chain(common).copied().collect();
    for subcommand in shown(command) {
        section(
            page,
            subcommand,
            &format!("{path} {}", subcommand.get_name()),
            &said,
        )?;
    }
    Ok(())
}

fn options<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) -> std::fmt::Result {
    writeln!(page, "| option | what it does |\n| --- | --- |")?;
    for argument in arguments.filter(|argument| is_shown(argument)) {
        let help = argument
            .get_long_help()
            .or_else(|| argument.get_help())
            .map(ToString::to_string);
        let mut help = help
            .unwrap_or_default()
            .replace("\n\n", "<br>")
            .replace('\n', " ");
        let allowed: Vec<_> = argument
            .get_possible_values()
            .iter()
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if !allowed.is_empty() && argument.get_action().takes_values() {
            write!(help, " (one of {})", allowed.join(", "))?;
        }
        let defaults: Vec<_> = argument
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy())
            .collect();
        if !defaults.is_empty() && argument.get_action().takes_values() {
            write!(help, "; default `{}`", defaults.join(" "))?;
        }
        writeln!(
            page,
            "| `{}` | {} |",
            name(argument),
            help.replace('|', "\\|")
        )?;
    }
    Ok(())
}

/// `-q, --quiet`, `--color <WHEN>` or `[PATH]`, as help prints it.
fn name(argument: &Arg) -> String {
    if argument.is_positional() {
        return argument.to_string();
    }
    let short = argument
        .get_short()
        .map(|short| format!("-{short}, "))
        .unwrap_or_default();
    format!("{short}{argument}")
}

fn is_shown(argument: &Arg) -> bool {
    !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_section_and_hidden_ones_have_none() {
        let page = page().unwrap();
        for command in [
            "serve", "verify", "health", "migrate", "registry", "config", "db", "openapi",
        ] {
            assert!(
                page.contains(&format!("\n## underpin {command}\n")),
                "{command} is not in:\n{page}"
            );
        }
        assert!(!page.contains("underpin reference"), "{page}");
    }
}

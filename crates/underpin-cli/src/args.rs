//! The command line: global options, and the list of commands.

use crate::commands::Command;
use crate::output::one_line;
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

const ABOUT: &str = "The data foundation for services and agent backends on PostgreSQL";

const LONG_ABOUT: &str = "\
The data foundation for services and agent backends on PostgreSQL.

Without a database URL, Underpin starts a private PostgreSQL cluster of its own: `underpin serve` works on a machine \
that has nothing but PostgreSQL's binaries.";

const AFTER_HELP: &str = "\
Examples:
  underpin serve                          start the service on http://127.0.0.1:8000
  underpin verify                         is this database ready for this program?
  underpin registry import servers.json   fill the registry
  underpin config show                    every setting and where it came from

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused for safety, 4 differences found,
            5 migration lock's deadline passed, 6 migration history conflict,
            129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM (`serve` finishes in order: 0)";

/// What was typed.
#[derive(Debug, Parser)]
#[command(
    name = "underpin",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = AFTER_HELP,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command accepts, before or after its name.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Database to use, as a URL or `host=… dbname=…` [default: `DATABASE_URL`, else the embedded cluster]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,

    /// Settings file to read [default: underpin.toml, when it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print the result and errors only: no notes, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,
}

impl Cli {
    /// Parses the process's arguments; the error prints itself, `--help` and `--version` included.
    ///
    /// An error repeats what was typed, which a shell may have put together from the names of files: then it is made again of
    /// arguments that a terminal may have.
    pub(crate) fn from_command_line() -> Result<Self, clap::Error> {
        let typed: Vec<OsString> = std::env::args_os().collect();
        let cleaned: Vec<OsString> = typed
            .iter()
            .map(|argument| one_line(argument.to_string_lossy()).into())
            .collect();
        let is_plain = typed == cleaned;
        match Self::from_arguments(typed) {
            Err(error) if !is_plain => Err(Self::from_arguments(cleaned).err().unwrap_or(error)),
            parsed => parsed,
        }
    }

    fn from_arguments(arguments: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command().color(asked_color(&arguments));
        let matches = command.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// The value of `--color`, looked up before parsing: help and usage errors obey it too.
fn asked_color(arguments: &[OsString]) -> ColorChoice {
    let mut texts = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(text) = texts.next() {
        let value = match text.strip_prefix("--color") {
            Some("") => texts.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        if let Some(choice) = value.and_then(|value| value.parse().ok()) {
            return choice;
        }
    }
    ColorChoice::Auto
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::from_arguments(line.split(' ').map(OsString::from).collect())
    }

    #[test]
    fn definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_are_accepted_before_and_after_the_command() {
        for line in [
            "underpin --json --quiet verify",
            "underpin verify --json --quiet",
        ] {
            let cli = parse(line).expect(line);
            assert!(cli.global.json && cli.global.quiet, "{line}");
        }
    }

    #[test]
    fn color_is_known_before_parsing() {
        let check = |line: &str, expected| {
            let arguments: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert_eq!(asked_color(&arguments), expected, "{line}");
        };
        check("underpin verify", ColorChoice::Auto);
        check("underpin verify --color never", ColorChoice::Never);
        check("underpin --color=always verify", ColorChoice::Always);
        check("underpin --color=mauve verify", ColorChoice::Auto);
    }
}

//! `underpin migrate lint`

mod input;
mod measure;
mod print;

use super::scratch::Place;
use super::source::{Source, USERS_CHAIN, argument, tell_unread};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use clap::ValueEnum;
use input::Input;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_core::config::Origin;
use underpin_migrate::files;
use underpin_migrate::lint::{self, Applied, Facts, Level, PgVersion, Report};
use underpin_pool::Database;

/// Options of `underpin migrate lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1 when there is a finding of the level error, 0 otherwise, 2 when a file cannot be read. What is fine in one file is
allowed at its top, with the reason: -- underpin: allow=ban-drop-column reason=\"unused since v4\"

With a database URL each finding is weighed by the size of its table, and more rules can be checked. Nothing is written there.
With --measure the files are run too, on a server for scratch work: a file of a migration folder after those before it, any other
in a copy of the database's schema, or in an empty database when none is configured.")]
pub(super) struct Args {
    /// SQL files, folders of them (their .up.sql files, or all .sql files when there are none), or - for standard input
    /// [default: the folder of the migrations]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to print [default: text, or json with --json]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// Leave out what is less than this [default: warning in text, note elsewhere]
    #[arg(long, value_name = "LEVEL")]
    level: Option<Least>,

    /// Version of the server that will run the files, as in 15 or 14.3 [default: the database's, else 15]
    #[arg(long, value_name = "N", value_parser = argument::<PgVersion>)]
    pg_version: Option<PgVersion>,

    /// The files are run by a tool that wraps each into one transaction
    #[arg(long)]
    assume_in_transaction: bool,

    /// Write safe forms into the files where they mean the same, and say what was changed
    #[arg(long)]
    fix: bool,

    /// Run the files on a scratch server, each after the ones before it in its folder, and tell locks and rewrites
    #[arg(long, conflicts_with = "fix")]
    measure: bool,

    #[command(flatten)]
    scratch: Place,

    /// Print the page of a rule, by its name or number, as in ban-drop-column or rule18
    #[arg(long, value_name = "RULE", conflicts_with = "files")]
    explain: Option<String>,

    /// Print all rules; with --json, their pages too
    #[arg(long, conflicts_with_all = ["files", "explain"])]
    list_rules: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Least {
    Note,
    Warning,
    Error,
}

/// A file whose text was changed, or would have been.
#[derive(Debug, Serialize)]
struct Fixed {
    file: String,
    #[serde(flatten)]
    applied: Applied,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    if args.list_rules {
        print::rules(context)?;
        return Ok(Exit::Done);
    }
    if let Some(name) = &args.explain {
        explain(name, context)?;
        return Ok(Exit::Done);
    }
    let mut files = args.files.clone();
    if files.is_empty() {
        files.push(source.existing_folder()?.to_owned());
    }
    for folder in &files {
        tell_unread(&files::sql_folders(folder), context);
    }
    let inputs = context.blocking(move || input::read(&files)).await??;
    let mut measured = match args.measure {
        true => measure::all(&inputs, &args.scratch, context).await?,
        false => Vec::new(),
    }
    .into_iter();
    let database = database(context).await?;
    let mut reports = Vec::new();
    let mut fixed = Vec::new();
    for mut input in inputs {
        let mut settings = input.settings();
        settings.pg_version = args.pg_version;
        settings.assume_in_transaction = args.assume_in_transaction;
        settings.measured = measured.next().map(Arc::new);
        if let Some(database) = &database {
            let facts = Facts::read(database, USERS_CHAIN, &input.text).await?;
            settings.facts = Some(Arc::new(facts));
        }
        if args.fix {
            let result = lint::fix(&input.text, &settings);
            fixed.extend(result.applied.into_iter().map(|applied| Fixed {
                file: input.name.clone(),
                applied,
            }));
            input.write(result.text)?;
        }
        let Input { name, text, .. } = input;
        reports.push((name, lint::report(&text, &settings)));
    }
    let exit = match lint::worst(&reports) {
        Some(Level::Error) => Exit::Failed,
        _ => Exit::Done,
    };
    print(&args, reports, &fixed, context)?;
    Ok(exit)
}

fn print(
    args: &Args,
    mut reports: Vec<(String, Report)>,
    fixed: &[Fixed],
    context: &Context,
) -> anyhow::Result<()> {
    let default = if context.json {
        Format::Json
    } else {
        Format::Text
    };
    let format = args.format.unwrap_or(default);
    let least = match (args.level, format) {
        (Some(Least::Note), _) => Level::Note,
        (Some(Least::Warning), _) => Level::Warning,
        (Some(Least::Error), _) => Level::Error,
        (None, Format::Text) => Level::Warning,
        (None, _) => Level::Note,
    };
    let mut hidden = 0;
    for (_, report) in &mut reports {
        let before = report.findings.len();
        report.findings.retain(|it| it.level >= least);
        hidden += before - report.findings.len();
    }
    match format {
        Format::Text => print::text(&reports, fixed, hidden, context),
        Format::Json => {
            let mut value = lint::json(&reports);
            if args.fix {
                value["fixed"] = serde_json::to_value(fixed)?;
            }
            context.out_json(&value)
        }
        Format::Sarif => context.out_json(&lint::sarif(&reports)),
    }
}

/// The database for the live layer, when one is configured; only one that was asked for by flag must answer.
async fn database(context: &Context) -> anyhow::Result<Option<Database>> {
    let config = context.config()?;
    if config.database.url.is_none() {
        return Ok(None);
    }
    let mut entries = config.entries().iter();
    let asked = entries.any(|it| it.key == "database.url" && matches!(it.origin, Origin::Flag(_)));
    match context.database().await {
        Ok(database) => Ok(Some(database)),
        Err(error) if asked => Err(error),
        Err(error) => {
            context.note(format_args!(
                "warning: the database does not answer, so live rules are not checked: {error}"
            ));
            Ok(None)
        }
    }
}

fn explain(name: &str, context: &Context) -> anyhow::Result<()> {
    let rules = lint::rule(name).map_err(|cause| {
        let hint = cause.hint().map(String::from).unwrap_or_default();
        Error::new(ErrorKind::Config, "nothing to explain")
            .with_hint(hint)
            .with_source(cause)
    })?;
    let pages: Vec<_> = rules.into_iter().map(lint::page).collect();
    context.out_text(pages.join("\n").trim_end())
}

/// What is wrong with what was typed.
fn usage(message: String, hint: &'static str) -> Error {
    Error::new(ErrorKind::Config, message).with_hint(hint)
}

//! `underpin registry import`

use super::report;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::Progress;
use std::path::{Path, PathBuf};
use underpin_migrate::Target;
use underpin_pool::Database;
use underpin_stores::registry::{Importer, Source, files};

/// What stands for standard input.
const STDIN: &str = "-";

/// Options of `underpin registry import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Valid documents are stored, in transactions of up to 500; the others are reported, by file, line, field and rule.
Importing again changes nothing. Exit code 0 when every document is in the registry now, else 1.")]
pub(crate) struct Args {
    /// A file, a folder (all *.json below it), or - for standard input
    path: PathBuf,

    /// Do not apply pending migrations first
    #[arg(long)]
    no_migrate: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    // Before the database is touched: a path that does not exist should cost nothing.
    let paths = paths(&args.path)?;
    if !args.no_migrate {
        migrate(context).await?;
    }
    let db = context.database().await?;
    let report = import(&db, &paths, context).await;
    db.close().await;
    let report = report?;
    report::print(context, &report, "import")?;
    Ok(if report.is_clean() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// The files to read; none stands for standard input.
pub(super) fn paths(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path == Path::new(STDIN) {
        Ok(Vec::new())
    } else {
        Ok(files(path)?)
    }
}

/// The inputs in order: each file, or standard input, which is None.
pub(super) fn inputs(paths: &[PathBuf]) -> Vec<Option<PathBuf>> {
    match paths {
        [] => vec![None],
        _ => paths.iter().cloned().map(Some).collect(),
    }
}

/// Reads one of them.
pub(super) async fn read(input: Option<PathBuf>, context: &Context) -> anyhow::Result<Source> {
    let read = move || match input {
        Some(path) => Source::from_file(&path),
        None => Source::from_reader(STDIN, std::io::stdin().lock()),
    };
    context.blocking(read).await
}

async fn migrate(context: &Context) -> anyhow::Result<()> {
    let migrator = context.migrator(underpin_server::migrations()?).await?;
    migrator.up(Target::All).await?;
    Ok(())
}

async fn import(
    db: &Database,
    paths: &[PathBuf],
    context: &Context,
) -> anyhow::Result<underpin_stores::registry::Report> {
    // One file counts its documents, a folder its files.
    let is_folder = paths.len() > 1;
    let (length, label) = if is_folder {
        (paths.len(), "files")
    } else {
        (0, "documents")
    };
    let progress = context.progress(length as u64, label);
    let mut importer = Importer::new(db);
    for input in inputs(paths) {
        let source = read(input, context).await?;
        if is_folder {
            importer.add(&source).await?;
            progress.inc(1);
        } else {
            importer
                .add_with_progress(&source, |done, total| count(&progress, done, total))
                .await?;
        }
    }
    let report = importer.finish().await?;
    progress.finish();
    Ok(report)
}

fn count(progress: &Progress, done: usize, total: usize) {
    if done == 1 {
        progress.set_len(total as u64);
    }
    progress.inc(1);
}

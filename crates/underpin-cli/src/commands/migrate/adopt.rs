//! `underpin migrate adopt`

use super::source::{Source, USERS_CHAIN, argument};
use crate::context::Context;
use crate::exit::Exit;
use std::path::PathBuf;
use underpin_migrate::adopt::{self, Adopted, Adoption, Request, Tool};

/// Options of `underpin migrate adopt`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Knows sqlx, refinery, diesel, sea-orm, alembic, flyway, golang-migrate and dbmate. What is applied is recorded, nothing is
run. The tool's own files and table are only read: it goes on working, and adopt may be repeated to take over what it has
applied since. Copies of its files go into --dir, unless they lie there and are named as Underpin names its own.")]
pub(super) struct Args {
    /// The tool [default: the one whose history is in the database]
    #[arg(long, value_name = "TOOL", value_parser = argument::<Tool>)]
    from: Option<Tool>,

    /// Folder of the tool's migrations [default: where the tool usually has it]
    #[arg(long, value_name = "FOLDER")]
    source: Option<PathBuf>,

    /// Say what would be taken over, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        from,
        source: tools,
        dry_run,
    } = args;
    let request = Request {
        chain: String::from(USERS_CHAIN),
        tool: from,
        source: tools,
        folder: source.folder()?.to_owned(),
        dry_run,
    };
    let adoption = adopt::adopt(&context.options().await?, &request).await?;
    if context.json {
        context.out_json(&adoption)?;
    } else {
        print(&adoption, dry_run, context)?;
    }
    Ok(Exit::Done)
}

fn print(adoption: &Adoption, dry_run: bool, context: &Context) -> anyhow::Result<()> {
    for it in &adoption.migrations {
        context.out(line(it, dry_run))?;
    }
    for note in &adoption.notes {
        context.note(format_args!("note: {note}"));
    }
    let count = |applied| {
        let of = adoption.migrations.iter();
        of.filter(|it| it.applied == applied).count()
    };
    context.note(format_args!(
        "{} from {} ({}): {} applied, {} pending; {}",
        if dry_run {
            "would be taken over"
        } else {
            "taken over"
        },
        adoption.tool,
        adoption.table,
        count(true),
        count(false),
        if adoption.in_place {
            format!(
                "the files in {} are used as they are",
                adoption.folder.display()
            )
        } else {
            format!(
                "{} stays as it is, its copy is {}",
                adoption.source.display(),
                adoption.folder.display()
            )
        }
    ));
    Ok(())
}

fn line(it: &Adopted, dry_run: bool) -> String {
    let state = match (it.applied, it.recorded || dry_run) {
        (true, true) => "applied",
        (true, false) => "applied, recorded before",
        (false, _) => "pending",
    };
    format!("{} {}  {state}  from {}", it.version, it.slug, it.from)
}

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

    /// Folder of the tool's migrations [default: where its settings say, or where the tool usually has it]
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
        context.out(line(it, adoption.tool))?;
    }
    for note in &adoption.notes {
        context.note(format_args!("note: {note}"));
    }
    let count = |is: fn(&&Adopted) -> bool| adoption.migrations.iter().filter(is).count();
    let here = match count(is_only_here) {
        0 => String::new(),
        count => format!(", {count} by underpin alone"),
    };
    let (folder, source) = (adoption.folder.display(), adoption.source.display());
    let files = match (adoption.in_place, dry_run) {
        (true, _) => format!("the files in {folder} are used as they are"),
        (false, true) => format!("{source} would stay as it is, and copies would go into {folder}"),
        (false, false) => format!("{source} stays as it is, its copy is {folder}"),
    };
    context.note(format_args!(
        "{} from {} ({}): {} applied{here}, {} pending; {files}",
        if dry_run {
            "would be taken over"
        } else {
            "taken over"
        },
        adoption.tool,
        adoption.table,
        count(|it| it.applied),
        count(|it| !it.applied && !it.applied_here),
    ));
    Ok(())
}

/// What our runner has applied is pending for nobody, whatever the tool knows.
fn is_only_here(it: &&Adopted) -> bool {
    it.applied_here && !it.applied
}

fn line(it: &Adopted, tool: Tool) -> String {
    let state = match (it.applied, it.applied_here) {
        (true, true) if !it.recorded => String::from("applied, recorded before"),
        (true, _) => String::from("applied"),
        (false, true) => format!("applied by underpin, unknown to {tool}"),
        (false, false) => String::from("pending"),
    };
    format!("{} {}  {state}  from {}", it.version, it.slug, it.from)
}

//! `underpin migrate sum`

use super::show::count;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::files;

/// Options of `underpin migrate sum`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file underpin.sum beside the migrations says what each of them means, under one line for all, so that two branches that add a
migration each conflict in version control and not in a database. As long as it is there, every command that reads the folder ends with
exit code 6 when a file was added, removed or changed in its meaning, and names it; `new`, `squash` and `adopt` keep it up to date. After
an edit or a merge that was looked at, this command writes it anew. Remove the file to do without.")]
pub(super) struct Args {}

pub(super) fn run(_: &Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let summed = files::write_sum(source.folder()?)?;
    if context.json {
        context.out_json(&summed)?;
    } else {
        context.out(summed.path.display())?;
    }
    for change in &summed.changes {
        context.note(change);
    }
    context.note(format_args!("sums of {}", count(summed.files, "file")));
    Ok(Exit::Done)
}

//! `underpin migrate verify`

use super::scratch::Place;
use super::show::count;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use serde::Serialize;
use underpin_core::Chain;
use underpin_migrate::verify::{Fault, Replayed, verify};
use underpin_migrate::{Slug, Version};

/// Options of `underpin migrate verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 4 when a way back does not lead to what was there before, or a way forward, gone again, elsewhere. A migration without a
down file is only applied. No database but one for scratch work is used. Replayed are the migrations of this folder, or with --builtin
those of Underpin's own tables.")]
pub(super) struct Args {
    #[command(flatten)]
    scratch: Place,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let chain = source.chain(context)?;
    let work = args
        .scratch
        .work(context, async |scratch| Ok(verify(scratch, &chain).await?));
    let replayed = work.await?;
    if context.json {
        let shown: Vec<_> = replayed.iter().map(Shown::new).collect();
        context.out_json(&serde_json::json!({ "migrations": shown }))?;
    } else {
        for it in &replayed {
            context.out_lines(line(it))?;
        }
    }
    let faults = replayed.iter().filter(|it| it.fault.is_some()).count();
    context.note(format_args!(
        "chain {}: {} replayed, {}",
        chain.name(),
        count(replayed.len(), "migration"),
        count(faults, "fault")
    ));
    Ok(if faults == 0 {
        Exit::Done
    } else {
        Exit::Differences
    })
}

fn line(it: &Replayed) -> String {
    let (version, slug) = (it.version, &it.slug);
    match &it.fault {
        Some(fault) => format!("{version} {slug}  {}", describe(fault)),
        None if it.reversible => format!("{version} {slug}  up, down and up again"),
        None => format!("{version} {slug}  up; it has no down file"),
    }
}

fn describe(fault: &Fault) -> String {
    match fault {
        Fault::DownLeadsElsewhere(found) => {
            format!("DOWN DOES NOT LEAD BACK\n{found}")
        }
        Fault::DownFails(error) => format!("DOWN FAILS\n{}", Chain(error)),
        Fault::UpAgainLeadsElsewhere(found) => {
            format!("UP AGAIN LEADS ELSEWHERE\n{found}")
        }
        Fault::UpAgainFails(error) => format!("UP AGAIN FAILS\n{}", Chain(error)),
        _ => String::from("FAULTY"),
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    version: Version,
    slug: &'a Slug,
    reversible: bool,
    fault: Option<String>,
}

impl<'a> Shown<'a> {
    fn new(it: &'a Replayed) -> Self {
        let Replayed {
            version,
            slug,
            reversible,
            fault,
        } = it;
        Self {
            version: *version,
            slug,
            reversible: *reversible,
            fault: fault.as_ref().map(describe),
        }
    }
}

//! `underpin migrate new`

use super::allow::Allow;
use super::schema_source::SchemaSource;
use super::source::{Source, argument};
use super::{models, scratch};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use underpin_core::ErrorKind;
use underpin_migrate::diff::pieces;
use underpin_migrate::files::Text;
use underpin_migrate::{Slug, files};

/// Options of `underpin migrate new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Looks for what the migrations lack of the models, goes the way there and back on databases that are made for a while, and writes
it down: SQL in safe forms, each statement with its lock. A statement that cannot share a transaction has a file of its own, so
there may be several pairs. Nothing is written when nothing is missing.")]
pub(super) struct Args {
    /// What it does, in lower-case words, as in `add_users`
    #[arg(value_name = "NAME", value_parser = argument::<Slug>)]
    name: Slug,

    /// Write empty files, to be filled by hand
    #[arg(long, conflicts_with_all = ["to", "allow", "allow_all", "reason", "scratch"])]
    empty: bool,

    /// The schema that the migrations are to make [default: the models of this program]
    #[arg(long, value_name = "SOURCE")]
    to: Option<String>,

    #[command(flatten)]
    allow: Allow,

    /// Why what is lost or breaks running programs is meant; the file and the history keep it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    scratch: scratch::Place,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let folder = source.folder()?;
    let texts = if args.empty {
        vec![Text::empty(&args.name)]
    } else {
        find(&args, source, context).await?
    };
    let created = match texts.as_slice() {
        [] => Vec::new(),
        texts => files::create(folder, &args.name, texts)?,
    };
    if context.json {
        context.out_json(&created)?;
        return Ok(Exit::Done);
    }
    for it in &created {
        context.out(it.up.display())?;
        context.out(it.down.display())?;
    }
    let flag = source.flag();
    context.note(match (created.is_empty(), args.empty) {
        (true, _) => String::from("nothing is missing in the migrations: nothing was written"),
        (_, true) => format!(
            "next: write the SQL into them, then `underpin migrate verify{flag}` and `underpin migrate up{flag}`"
        ),
        _ => format!("next: look at them, then `underpin migrate up{flag}`"),
    });
    Ok(Exit::Done)
}

/// What is to be written: a text a pair of files, none when nothing is missing.
async fn find(args: &Args, source: &Source, context: &Context) -> anyhow::Result<Vec<Text>> {
    let to = match &args.to {
        Some(to) => SchemaSource::parse("--to", to)?.open(source, context)?,
        None => {
            let models = models::source(source)?;
            models::tell(&models::by_package(&models::of(source)), context);
            models
        }
    };
    let from = source.written(context)?;
    let allowed = args.allow.allowed();
    let work = args.scratch.work(context, async |scratch| {
        Ok(pieces(scratch, &from, &to, &allowed).await?)
    });
    let pieces = work.await?;
    let mut steps = pieces.iter().flat_map(|it| &it.up.steps);
    let reason = match (&args.reason, steps.find_map(|it| it.hazard.as_ref())) {
        (Some(reason), _) => reason,
        (None, None) => "declared in the models",
        (None, Some(hazard)) => {
            let message = format!(
                "this would {} {}, and nobody said why",
                hazard.verb(),
                hazard.loses
            );
            let error = Error::new(ErrorKind::Refused, message);
            return Err(error.with_hint("add --reason \"…\"").into());
        }
    };
    let count = pieces.len();
    let text = pieces.iter().zip(1..).map(|(piece, number)| {
        let part = format!(", {number} of {count}");
        let part = if count > 1 { part.as_str() } else { "" };
        piece.text(&format!("{}{part}", args.name.words()), reason)
    });
    Ok(text.collect())
}

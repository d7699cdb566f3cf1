//! `underpin config`: what is set, and where that came from.

use crate::context::Context;
use crate::exit::Exit;
use crate::output::one_line;
use serde_json::json;
use underpin_core::config::{self, Entry};

/// Options of `underpin config`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print every setting, its value (secrets masked) and where it came from
    Show,
    /// Print the reference of all settings as Markdown
    #[command(hide = true)]
    Reference,
}

/// Runs it.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.action {
        Action::Show if context.json => {
            let settings: Vec<_> = context.config()?.entries().iter().map(json).collect();
            context.out_json(&json!({ "settings": settings }))?;
        }
        Action::Show => context.out_lines(table(context.config()?.entries()))?,
        Action::Reference => context.out_text(config::reference().trim_end())?,
    }
    Ok(Exit::Done)
}

fn json(entry: &Entry) -> serde_json::Value {
    json!({
        "key": entry.key,
        "value": entry.value,
        "origin": entry.origin.to_string(),
    })
}

/// A longer value pushes its own line apart, not all of them.
const VALUE_WIDTH_MAX: usize = 64;

/// Three columns, each as wide as its longest cell.
fn table(entries: &[Entry]) -> String {
    let widest = |cell: fn(&Entry) -> &str| {
        entries
            .iter()
            .map(|entry| cell(entry).chars().count())
            .max()
    };
    let key_width = widest(|entry| entry.key).unwrap_or(0);
    let value_width = widest(|entry| &entry.value)
        .unwrap_or(0)
        .min(VALUE_WIDTH_MAX);
    let lines = entries.iter().map(|entry| {
        let Entry {
            key, value, origin, ..
        } = entry;
        let (value, origin) = (one_line(value), one_line(origin));
        format!("{key:key_width$}  {value:value_width$}  {origin}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use underpin_core::Config;
    use underpin_core::config::Sources;

    #[test]
    fn columns_are_aligned_and_passwords_masked() {
        let url = "postgres://app:hunter2@localhost/notes";
        let sources = Sources::default().with_variable("DATABASE_URL", url);
        let config = Config::load(&sources).unwrap();
        let table = table(config.entries());
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), config.entries().len());
        assert!(
            lines.iter().all(|line| !line.contains("hunter2")),
            "{table}"
        );
        let origin = "environment DATABASE_URL";
        let url = lines
            .iter()
            .find(|line| line.starts_with("database.url "))
            .unwrap();
        assert!(
            url.contains(" postgresql://app:********@localhost:5432/notes ")
                && url.ends_with(origin),
            "{table}"
        );
        let at = url.find(origin).unwrap();
        assert!(
            lines.iter().all(|line| line.get(at - 2..at) == Some("  ")),
            "{table}"
        );
    }
}

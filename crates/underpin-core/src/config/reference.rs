//! `docs/configuration.md`, written from the declarations that the loader uses.

use super::{Config, Entry, Sources};
use crate::url::PARAMETERS;

/// What each section is for; the sections themselves come from the settings.
const SECTIONS: [(&str, &str); 6] = [
    ("database", "Where the data is."),
    (
        "pool",
        "How connections are kept and how long anything may wait for one.",
    ),
    (
        "migrate",
        "How migrations wait for locks, and how long their statements may take, by what they do.",
    ),
    ("server", "The HTTP service."),
    ("log", "What is logged. Logs go to stderr."),
    (
        "local",
        "The private PostgreSQL cluster that is started when no database is configured.",
    ),
];

const INTRODUCTION: &str = r#"# Configuration

<!-- Written by `cargo xtask gen`. Edit the declarations in crates/underpin-core/src/config/ instead. -->

Underpin works without any configuration. What is set is looked for in five places; the first that says something
counts:

1. a flag of the command line, such as `--database-url`;
2. the environment. An empty variable counts as absent;
3. `.env` in the working folder, in development only: a line is `NAME=value`, quoted with `'` or `"` where it has
   spaces; `${NAME}` is not replaced;
4. `underpin.toml` in the working folder, or the file given with `--config`: `[section]`, below it `key = value`;
5. the default.

`underpin config show` prints every setting, its value and which of the five it came from; secrets are masked.

Nothing is corrected silently. An unknown key in the file, an unknown variable that begins with `DB_POOL_` or
`UNDERPIN_` (but for `UNDERPIN_TEST_` and `UNDERPIN_BENCH_`, which belong to tools), and a value that is not allowed
are errors; they name the key, its source and what is allowed, and all of them are reported together.

- A **duration** is a number and a unit, `500ms`, `5s`, `2m`, `1h`; without a unit it is seconds.
- A **switch** is `true` or `false`; `on`, `off`, `yes`, `no`, `1` and `0` do as well.
- A **list** is separated by commas; in the file it may be an array.
"#;

const DATABASE_URL: &str = r"
## The database URL

`postgres://`, `postgresql://` and `postgresql+asyncpg://` mean the same:

```text
postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full
postgres://USER@HOST1:5432,HOST2:5433/DATABASE?target_session_attrs=read-write
postgres://USER@[::1]/DATABASE
postgres://USER@/DATABASE?host=/run/postgresql
host=HOST port=5432 user=USER password='two words' dbname=DATABASE
```

Special characters are percent-encoded: `@` is `%40`, `/` is `%2F`, `%` is `%25`. What is not said has libpq's default,
but for two: a host that is not given is `localhost`, and a host that is not local must prove its identity
(`sslmode=verify-full`) unless the URL says otherwise. A user that is not given is the one who runs the program.

In place of one URL, variables can say it in parts. They are looked at in this order, in the environment first, then in
`.env`:

1. `DATABASE_URL`.
2. `POSTGRES_SERVER`, with `POSTGRES_PORT`, `POSTGRES_USER` (`postgres` when absent), `POSTGRES_PASSWORD` and
   `POSTGRES_DB`; for everything else the variables of the table below. User, password or database without
   `POSTGRES_SERVER` are refused, unless something else names the database.
3. `PGHOST` or `PGDATABASE`, with the other variables of the table below. `PGHOSTADDR` and `PGSERVICE` are refused.

`embedded` in place of a URL asks for the private cluster even where a weaker source names a server.

| parameter | variable | allowed | what it does |
| --- | --- | --- | --- |
";

/// The reference of all settings as Markdown: the text of `docs/configuration.md`.
#[must_use]
pub fn reference() -> String {
    let (config, _) = Config::read(&Sources::default());
    let mut text = String::from(INTRODUCTION);
    let entries = |section: &str| -> Vec<&Entry> {
        let belongs = |entry: &&Entry| {
            entry.key.split_once('.').map_or("", |(section, _)| section) == section
        };
        config.entries().iter().filter(belongs).collect()
    };
    text.push('\n');
    push_table(&mut text, &entries(""));
    for (section, about) in SECTIONS {
        text.push_str(&format!("\n## `[{section}]`\n\n{about}\n\n"));
        push_table(&mut text, &entries(section));
    }
    text.push_str(DATABASE_URL);
    for parameter in PARAMETERS {
        let (name, variable) = (parameter.name, parameter.variable);
        text.push_str(&format!(
            "| `{name}` | `{variable}` | {} | {} |\n",
            parameter.values, parameter.about
        ));
    }
    text
}

fn push_table(text: &mut String, entries: &[&Entry]) {
    text.push_str(
        "| key | variable | default | allowed | what it does |\n| --- | --- | --- | --- | --- |\n",
    );
    for entry in entries {
        let Entry {
            key,
            variable,
            value: _,
            origin: _,
            default,
            allowed,
            about,
        } = entry;
        text.push_str(&format!(
            "| `{key}` | `{variable}` | `{default}` | {allowed} | {about} |\n"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_the_reference() {
        let text = reference();
        let config = Config::load(&Sources::default()).unwrap();
        for entry in config.entries() {
            assert!(
                text.contains(&format!("| `{}` |", entry.key)),
                "{} has no section",
                entry.key
            );
        }
    }

    #[test]
    fn no_cell_breaks_its_table() {
        let config = Config::load(&Sources::default()).unwrap();
        for entry in config.entries() {
            let cells = [&entry.default, &entry.allowed, entry.about];
            assert!(
                cells.iter().all(|cell| !cell.contains(['|', '\n'])),
                "{}",
                entry.key
            );
        }
    }
}

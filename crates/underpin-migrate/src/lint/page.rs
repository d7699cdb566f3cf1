//! The page of a rule, and the index of all pages.

use super::rule::{Check, Needs, Rule, rules};
use super::settings::PgVersion;
use std::fmt::Write;

/// A rule's page, as Markdown: the hazard, why, the unsafe form, the safe form, the lock.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let Rule {
        name,
        aliases,
        numbers,
        level,
        scales,
        spares_new,
        needs,
        title,
        lock,
        why,
        bad,
        good,
        check,
    } = rule;
    let numbers: Vec<_> = numbers.iter().map(|it| format!("`rule{it}`")).collect();
    let numbers = match numbers.is_empty() {
        true => String::new(),
        false => format!(" ({})", numbers.join(", ")),
    };
    let mut facts = vec![format!("Level: **{level}**")];
    if *scales {
        facts.push(String::from(
            "a note when the table is new in the file or, with a database URL, small",
        ));
    }
    if *spares_new {
        facts.push(String::from("a note when the file itself made it"));
    }
    facts.push(match needs {
        Needs::Nothing => String::from("needs nothing but the SQL"),
        Needs::Version(major) => format!(
            "from PostgreSQL {major} on (`--pg-version`, default {})",
            PgVersion::DEFAULT
        ),
        Needs::Database => String::from("needs a database URL, else reported as not checked"),
        Needs::Folder => String::from("needs a file of a migration folder"),
        Needs::Scratch => String::from("needs `--measure`, else reported as not checked"),
    });
    if !aliases.is_empty() {
        facts.push(format!("also called {}", aliases.join(", ")));
    }
    if let Check::Squawk(_) = check {
        facts.push(String::from("found by squawk's linter"));
    }
    let facts = facts.join("; ");
    format!(
        "# {name}{numbers}\n\n{title}.\n\n{facts}.\n\n## Unsafe\n\n```sql\n{bad}\n```\n\n## Why\n\n{why}\n\n\
         **Lock:** {lock}\n\n## Safe\n\n```sql\n{good}\n```\n\n## When it is fine here\n\n\
         ```sql\n-- underpin: allow={name} reason=\"…\"\n```\n"
    )
}

/// The index of all pages, as Markdown.
#[must_use]
pub fn index() -> String {
    let mut index = String::from(HEAD);
    let mut all: Vec<_> = rules().collect();
    all.sort_by_key(|it| (it.numbers.first().copied().unwrap_or(u8::MAX), it.name));
    for rule in all {
        let numbers: Vec<_> = rule.numbers.iter().map(u8::to_string).collect();
        let numbers = numbers.join(", ");
        let Rule {
            name, level, title, ..
        } = rule;
        // Writing into a String cannot fail.
        let _ = writeln!(
            index,
            "| {numbers} | [{name}]({name}.md) | {level} | {title} |"
        );
    }
    index
}

const HEAD: &str = "\
# Lint rules

<!-- Written by `cargo xtask gen` from the rules themselves; change the texts in crates/underpin-migrate/src/lint. -->

`underpin migrate lint FILE…` applies all of them; `underpin migrate lint --explain RULE` prints a page. A finding of the
level error ends it with exit code 1. What is fine in one file is allowed at its top, with the reason:

```sql
-- underpin: allow=ban-drop-column,rule19 reason=\"unused since v4\"
```

A number stands for a hazard and allows all rules that watch it; rules without a number are about compatibility with
programs that are running.

| number | rule | level | hazard |
| --- | --- | --- | --- |
";

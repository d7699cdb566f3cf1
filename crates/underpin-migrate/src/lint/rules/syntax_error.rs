//! SQL that cannot be read (rule 56).

use crate::lint::Level;
use crate::lint::rule::Rule;

pub(in crate::lint) static SYNTAX_ERROR: Rule = Rule {
    name: "syntax-error",
    numbers: &[56],
    level: Level::Error,
    title: "SQL that does not parse is never safe",
    why: "No rule looked at the statement; the rest of the file was checked. Most often the statement is wrong. Where \
          the server is newer than the parser, read the statement with care and allow this rule with a reason.",
    bad: "CREATE TABLE app.orders (id bigint;",
    good: "CREATE TABLE app.orders (id bigint);",
    ..Rule::USUAL
};

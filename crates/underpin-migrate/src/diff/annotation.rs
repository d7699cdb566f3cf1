//! `-- @renamed from=old` in SQL files, as sqldef has it: on the line of what has the new name.

use super::source::SqlFile;
use crate::Error;
use crate::files::Place;

const MARK: &str = "@renamed from=";

/// What a line of SQL says was renamed, by its new name as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Annotation {
    Table {
        new: Name,
        old: String,
    },
    Column {
        table: Name,
        new: String,
        old: String,
    },
    Type {
        new: Name,
        old: String,
    },
    Label {
        of: Name,
        new: String,
        old: String,
    },
    Index {
        new: String,
        old: String,
    },
}

/// A name with the schema that it was written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

/// What a statement that is not over yet declares.
enum Open {
    Nothing,
    Table(Name),
    Enum(Name),
}

/// Reads all annotations of a file.
pub(super) fn annotations(file: &SqlFile) -> Result<Vec<Annotation>, Error> {
    let mut open = Open::Nothing;
    let mut found = Vec::new();
    let mut waiting: Option<String> = None;
    for (line, number) in file.text.lines().zip(1_u32..) {
        let (code, old) = split(line);
        let old = old.or_else(|| waiting.take().filter(|_| !code.is_empty()));
        if code.is_empty() {
            // An annotation on a line of its own is about the next one.
            waiting = old.or(waiting);
            continue;
        }
        let declared = declared(code, &mut open);
        if let Some(old) = old {
            let place = Place {
                position: Some((number, 1)),
                ..Place::file(&file.name)
            };
            let annotation = declared.and_then(|it| it.renamed(old)).ok_or_else(|| {
                Error::bad_input(
                    &place,
                    "@renamed is not beside a table, a column, an index, a type or a label",
                )
                .with_hint("write it at the end of the line that has the new name")
            })?;
            found.push(annotation);
        }
    }
    Ok(found)
}

/// The SQL of a line, and the old name that its comment tells.
fn split(line: &str) -> (&str, Option<String>) {
    let Some(start) = line.find("--") else {
        return (line.trim(), None);
    };
    let (code, comment) = line.split_at(start);
    let old = comment
        .split_once(MARK)
        .and_then(|(_, rest)| identifier(rest.trim_start()));
    (code.trim(), old.map(|(name, _)| name))
}

/// What a line declares.
enum Declared {
    Table(Name),
    Type(Name),
    Index(String),
    Column(Name, String),
    Label(Name, String),
}

impl Declared {
    fn renamed(self, old: String) -> Option<Annotation> {
        Some(match self {
            Self::Table(new) => Annotation::Table { new, old },
            Self::Type(new) => Annotation::Type { new, old },
            Self::Index(new) => Annotation::Index { new, old },
            Self::Column(table, new) => Annotation::Column { table, new, old },
            Self::Label(of, new) => Annotation::Label { of, new, old },
        })
    }
}

fn declared(code: &str, open: &mut Open) -> Option<Declared> {
    let declared = match header(code) {
        Some((Kind::Table, name)) => {
            *open = Open::Table(name.clone());
            Some(Declared::Table(name))
        }
        Some((Kind::Type, name)) => {
            *open = Open::Enum(name.clone());
            Some(Declared::Type(name))
        }
        Some((Kind::Index, name)) => Some(Declared::Index(name.name)),
        None => match open {
            Open::Table(table) => {
                identifier(code).map(|(column, _)| Declared::Column(table.clone(), column))
            }
            Open::Enum(name) => literal(code).map(|label| Declared::Label(name.clone(), label)),
            Open::Nothing => None,
        },
    };
    if code.ends_with(';') {
        *open = Open::Nothing;
    }
    declared
}

enum Kind {
    Table,
    Type,
    Index,
}

/// What a line that begins with CREATE declares.
fn header(code: &str) -> Option<(Kind, Name)> {
    let mut rest = code;
    let mut kind = None;
    let mut is_create = false;
    loop {
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match word.to_ascii_lowercase().as_str() {
            "create" => is_create = true,
            "table" if is_create => kind = Some(Kind::Table),
            "type" if is_create => kind = Some(Kind::Type),
            "index" if is_create => kind = Some(Kind::Index),
            "unique" | "unlogged" | "concurrently" | "if" | "not" | "exists" if is_create => {}
            _ => break,
        }
        rest = after.trim_start();
    }
    Some((kind?, name(rest)?))
}

fn name(text: &str) -> Option<Name> {
    let (first, rest) = identifier(text)?;
    match rest.strip_prefix('.').and_then(identifier) {
        Some((name, _)) => Some(Name {
            schema: Some(first),
            name,
        }),
        None => Some(Name {
            schema: None,
            name: first,
        }),
    }
}

/// The identifier at the beginning of a text, and the rest.
fn identifier(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, rest) = quoted.split_once('"')?;
        return Some((name.to_owned(), rest));
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (!word.is_empty()).then(|| (word.to_lowercase(), rest))
}

fn literal(text: &str) -> Option<String> {
    let (_, quoted) = text.split_once('\'')?;
    let end = quoted.rfind('\'')?;
    Some(quoted[..end].replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let file = SqlFile::new("a.sql", text);
        let found = annotations(&file).expect("readable");
        assert_eq!(format!("{found:?}"), expected, "{text}");
    }

    #[test]
    fn an_annotation_is_about_its_line() {
        check(
            "CREATE TABLE app.users ( -- @renamed from=people\n  id bigint,\n  \"Name\" text -- @renamed from=title\n);",
            "[Table { new: Name { schema: Some(\"app\"), name: \"users\" }, old: \"people\" }, \
             Column { table: Name { schema: Some(\"app\"), name: \"users\" }, new: \"Name\", old: \"title\" }]",
        );
        check(
            "create unique index concurrently new_idx on users (a); -- @renamed from=\"Old\"",
            "[Index { new: \"new_idx\", old: \"Old\" }]",
        );
        check(
            "CREATE TYPE mood AS ENUM (\n  'glad', -- @renamed from=happy\n  'sad'\n);",
            "[Label { of: Name { schema: None, name: \"mood\" }, new: \"glad\", old: \"happy\" }]",
        );
    }

    #[test]
    fn an_annotation_on_its_own_line_is_about_the_next() {
        check(
            "CREATE TABLE t (\n  -- @renamed from=a\n  b int\n);",
            "[Column { table: Name { schema: None, name: \"t\" }, new: \"b\", old: \"a\" }]",
        );
    }

    #[test]
    fn an_annotation_beside_nothing_is_an_error() {
        let file = SqlFile::new("a.sql", "SELECT 1; -- @renamed from=x");
        let error = annotations(&file).expect_err("nothing is declared");
        assert!(
            error
                .to_string()
                .starts_with("a.sql:1:1: @renamed is not beside"),
            "{error}"
        );
    }
}

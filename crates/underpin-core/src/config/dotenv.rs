//! `.env`: one `NAME=value` a line, for development.
//!
//! Read by our own few lines: the crates for it substitute `$NAME` from the process's environment (a password with a
//! dollar sign changes silently), lose line numbers, and repeat the offending line, secret included, in their errors.

use super::problem::Problem;
use crate::Secret;
use std::collections::BTreeMap;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) value: Secret<String>,
    pub(super) number: usize,
}

/// Reads all lines; of a name that is set twice, the last counts, as in a shell.
pub(super) fn parse(text: &str) -> (BTreeMap<String, Line>, Vec<Problem>) {
    let mut lines = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        match parse_line(line) {
            Ok(None) => {}
            Ok(Some((name, value))) => {
                let value = Secret::new(value);
                lines.insert(String::from(name), Line { value, number });
            }
            Err(why) => problems.push(
                Problem::new(format!(".env line {number}: {why}")).with_hint(
                    "write NAME=value; quote a value with spaces or `#`: NAME='two words'",
                ),
            ),
        }
    }
    (lines, problems)
}

fn parse_line(line: &str) -> Result<Option<(&str, String)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("there is no `=`")?;
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("what stands before the `=` is not a name");
    }
    parse_value(value.trim_start()).map(|value| Some((name, value)))
}

fn parse_value(text: &str) -> Result<String, &'static str> {
    if let Some(rest) = text.strip_prefix('\'') {
        let (value, after) = rest
            .split_once('\'')
            .ok_or("a quote is not closed on its line")?;
        return nothing_but_comment(after).map(|()| String::from(value));
    }
    if let Some(rest) = text.strip_prefix('"') {
        return parse_double_quoted(rest);
    }
    let end = text
        .find(" #")
        .or_else(|| text.find("\t#"))
        .unwrap_or(text.len());
    let value = text[..end].trim_end();
    if value.starts_with('#') {
        return Ok(String::new());
    }
    if value.contains(char::is_whitespace) {
        return Err("a value with spaces is not quoted");
    }
    no_substitution(value).map(|()| String::from(value))
}

/// `\n`, `\t`, `\r` mean what they do elsewhere; a backslash takes any other character as it is.
fn parse_double_quoted(text: &str) -> Result<String, &'static str> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                no_substitution(&value)?;
                return nothing_but_comment(chars.as_str()).map(|()| value);
            }
            '\\' => value.extend(chars.next().map(|escaped| match escaped {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            })),
            c => value.push(c),
        }
    }
    Err("a quote is not closed on its line")
}

fn nothing_but_comment(text: &str) -> Result<(), &'static str> {
    let text = text.trim();
    let fine = text.is_empty() || text.starts_with('#');
    fine.then_some(()).ok_or("text follows the closing quote")
}

/// Taking `${NAME}` literally would surprise as much as replacing it: say so.
fn no_substitution(value: &str) -> Result<(), &'static str> {
    let fine = !value.contains("${");
    fine.then_some(()).ok_or(
        "`${…}` is not replaced here: write the value out, or quote it with ' to mean it literally",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<Option<(&str, &str)>, &'static str>) {
        let parsed = parse_line(line);
        let parsed = parsed
            .as_ref()
            .map(|pair| pair.as_ref().map(|(name, value)| (*name, value.as_str())));
        assert_eq!(parsed.map_err(|why| *why), expected, "{line}");
    }

    #[test]
    fn names_and_values_are_read() {
        check("", Ok(None));
        check("  # comment", Ok(None));
        check("A=b", Ok(Some(("A", "b"))));
        check("export A = b # comment", Ok(Some(("A", "b"))));
        check("A=", Ok(Some(("A", ""))));
        check("A= # empty", Ok(Some(("A", ""))));
        check("A=b#c$d", Ok(Some(("A", "b#c$d"))));
        check(
            "A='two ${words} # \\n' # comment",
            Ok(Some(("A", "two ${words} # \\n"))),
        );
        check(r#"A="a\"b\\c\nd""#, Ok(Some(("A", "a\"b\\c\nd"))));
        check(
            "A=postgres://u:p=w@h/d?a=b",
            Ok(Some(("A", "postgres://u:p=w@h/d?a=b"))),
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_the_text() {
        check("secret", Err("there is no `=`"));
        check("=secret", Err("what stands before the `=` is not a name"));
        check(
            "A B=secret",
            Err("what stands before the `=` is not a name"),
        );
        check("A=two words", Err("a value with spaces is not quoted"));
        check("A='secret", Err("a quote is not closed on its line"));
        check("A=\"secret\\\"", Err("a quote is not closed on its line"));
        check("A='a' b", Err("text follows the closing quote"));
        assert!(parse_line("A=${B}").is_err());
        assert!(parse_line("A=\"x${B}\"").is_err());
    }

    #[test]
    fn lines_are_numbered_and_the_last_one_counts() {
        let (lines, problems) = parse("\u{feff}A=1\r\n\nA=2\nbroken\n");
        let line = &lines["A"];
        assert_eq!((line.value.expose().as_str(), line.number), ("2", 3));
        assert_eq!(problems.len(), 1);
        assert!(format!("{problems:?}").contains(".env line 4"));
    }
}

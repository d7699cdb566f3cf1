//! Finds the option lines in the comments at the top of a file.

use super::psql::tokens;
use super::token::{Token, TokenKind};
use crate::Error;
use crate::files::{Header, Lines};
use std::sync::Arc;

const MARK: &str = "underpin:";

/// The options of a file.
///
/// # Errors
/// An unknown or malformed option, or one that stands after the first statement, where it would be overlooked.
pub(crate) fn read_header(file: &Arc<str>, text: &str) -> Result<Header, Error> {
    let mut header = Header::default();
    // Most files have no options: the mark is looked for before the lexer is started.
    if !text.contains(MARK) {
        return Ok(header);
    }
    let lines = Lines::new(file, text);
    let mut at_the_top = true;
    for token in tokens(text) {
        at_the_top &= token.is_trivia();
        let Some(options) = options(text, &token) else {
            continue;
        };
        let place = lines.place(token.start);
        if !at_the_top {
            return Err(
                Error::bad_input(&place, "an option after the first statement")
                    .with_hint("options stand at the top of the file and hold for all of it"),
            );
        }
        header
            .read_line(options)
            .map_err(|wrong| Error::bad_input(&place, wrong))?;
    }
    Ok(header)
}

/// What follows `-- underpin:` in a line comment.
pub(crate) fn options<'a>(text: &'a str, token: &Token) -> Option<&'a str> {
    if token.kind != TokenKind::LineComment {
        return None;
    }
    let comment = text[token.start..token.end].strip_prefix("--")?;
    comment.trim_start().strip_prefix(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Header, Error> {
        read_header(&Arc::from("m.up.sql"), text)
    }

    #[test]
    fn options_are_found_in_the_comments_at_the_top() {
        let header =
            read("/* a */\n-- b\n--underpin: deferred\n\n--  underpin: phase=expand\nSELECT 1;")
                .expect("valid");
        assert!(header.deferred && header.phase.is_some());
        assert_eq!(
            read("-- about underpin: no option\nSELECT 1").expect("valid"),
            Header::default()
        );
        assert_eq!(
            read("SELECT '\n-- underpin: x=1\n'").expect("valid"),
            Header::default()
        );
    }

    #[test]
    fn a_wrong_option_names_file_and_line() {
        let check = |text: &str, expected: &str| {
            let error = read(text).expect_err(text);
            assert!(error.to_string().starts_with(expected), "{error}");
        };
        check(
            "-- a\n-- underpin: lock_timout=5s\n",
            "m.up.sql:2:1: unknown option \"lock_timout\"",
        );
        check(
            "SELECT 1;\n  -- underpin: deferred\n",
            "m.up.sql:2:3: an option after",
        );
    }
}

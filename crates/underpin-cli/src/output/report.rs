//! How an error looks: `error:`, the causes indented below, then `hint:`.

use super::clean::Ink;
use crate::error;
use std::fmt;

/// An error as the user reads it; complete without colour.
pub(super) struct Report<'a>(pub(super) &'a anyhow::Error);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        let mut said = error.to_string();
        let ink = Ink::BoldRed;
        writeln!(f, "{ink}error:{ink:#} {}", indent(&said, "  "))?;
        for cause in error.chain().skip(1) {
            let text = cause.to_string();
            // A cause that only repeats its parent says nothing new.
            if !said.ends_with(&text) {
                writeln!(f, "  caused by: {}", indent(&text, "    "))?;
            }
            said = text;
        }
        if let Some(hint) = error::hint(error) {
            let ink = Ink::BoldCyan;
            writeln!(f, "\n{ink}hint:{ink:#} {}", indent(hint, "  "))?;
        }
        Ok(())
    }
}

/// Keeps the later lines of a text below its first.
pub(super) fn indent(text: &str, by: &str) -> String {
    text.trim_end().replace('\n', &format!("\n{by}"))
}

#[cfg(test)]
mod tests {
    use super::super::clean::{Breaks, clean};
    use super::*;
    use crate::error::Error;
    use std::io;
    use underpin_core::ErrorKind;

    fn check(error: &anyhow::Error, expected: &str) {
        let report = clean(Report(error), Breaks::Kept, false);
        assert_eq!(report, expected);
    }

    #[test]
    fn causes_are_indented_and_the_hint_comes_last() {
        let refused = Error::new(
            ErrorKind::ConnectionRefused,
            "nothing listens on 127.0.0.1:1",
        )
        .with_source(io::Error::other("Connection refused (os error 111)"))
        .with_hint("start the server, or correct --database-url");
        check(
            &anyhow::Error::new(refused).context("could not verify the database"),
            "error: could not verify the database\n  \
               caused by: nothing listens on 127.0.0.1:1\n  \
               caused by: Connection refused (os error 111)\n\n\
             hint: start the server, or correct --database-url\n",
        );
    }

    #[test]
    fn a_cause_that_repeats_its_parent_is_left_out() {
        let error = anyhow::anyhow!("no such file").context("could not read x: no such file");
        check(&error, "error: could not read x: no such file\n");
    }

    #[test]
    fn later_lines_are_indented() {
        check(
            &anyhow::anyhow!("first\nsecond"),
            "error: first\n  second\n",
        );
    }
}

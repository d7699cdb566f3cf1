//! What of a script is run on a scratch server.
//!
//! A script may hold statements about the whole server: roles, `ALTER SYSTEM`, other databases. On a server that is not ours
//! they would act before anybody has reviewed them, so a script with one is refused there. Elsewhere those that no schema
//! depends on are left out, and the others run.

use super::scratch::{Scratch, ScratchServer};
use crate::Error;
use crate::files::{Chain, Lines};
use crate::sql::{Reach, Reaching, Token, TokenKind, reach_of, split, tokens, without_rows};
use std::sync::Arc;
use underpin_core::ErrorKind;

/// Looks at the scripts of one source, in the order in which they run.
pub(crate) struct Guard<'a> {
    scratch: &'a Scratch,
    known: Reaching,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(scratch: &'a Scratch) -> Self {
        Self {
            scratch,
            known: Reaching::default(),
        }
    }

    /// The script as it may be run: what is left out is replaced by spaces, so that every line keeps its number.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`], naming file and line, on a server that is not ours.
    pub(crate) fn script(&mut self, file: &Arc<str>, text: &str) -> Result<String, Error> {
        let tokens = tokens(text);
        let lines = Lines::new(file, text);
        let mut allowed = text.as_bytes().to_vec();
        for piece in split(text, &tokens) {
            let (statement, _) = without_rows(piece);
            let (Some(first), Some(last)) = (statement.first(), statement.last()) else {
                continue;
            };
            let sql = &text[first.start..last.end];
            if !self.is_foreign() && !may_reach(sql) {
                continue;
            }
            match reach_of(sql, &self.known) {
                Reach::Database => {}
                Reach::Apart(what) | Reach::Server(what) if self.is_foreign() => {
                    return Err(refusal(&lines.place(first.start).to_string(), &what));
                }
                Reach::Server(_) => self.scratch.mention(words(text, statement)),
                Reach::Apart(what) => {
                    let place = lines.place(first.start);
                    let note = format!("{place}: {what} is not run on a scratch server");
                    self.scratch.note(note);
                    blank(&mut allowed[first.start..last.end]);
                }
            }
            self.known.learn(sql);
        }
        if tokens.iter().any(|it| it.kind == TokenKind::PsqlLine) {
            let note = format!(
                "{file}: \\restrict and \\unrestrict, which pg_dump writes for psql, are skipped"
            );
            self.scratch.note(note);
        }
        // Whole statements were replaced, so that no character is cut in two.
        String::from_utf8(allowed).map_err(|error| {
            let message = format!("{file}: what is left out cuts a letter in two");
            Error::new(ErrorKind::Internal, message).with_source(error)
        })
    }

    /// A chain as it may be run.
    pub(crate) fn chain(&mut self, chain: &Chain) -> Result<Chain, Error> {
        chain.with_texts(|script| self.script(&Arc::from(script.file()), script.text()))
    }

    fn is_foreign(&self) -> bool {
        self.scratch.server() == ScratchServer::Foreign
    }
}

/// Words of what acts on a whole server and is left out, or leaves something there.
const FAR: [&str; 8] = [
    "checkpoint",
    "database",
    "group",
    "role",
    "subscription",
    "system",
    "tablespace",
    "user",
];

/// Is a statement worth being parsed? Where all is allowed few are.
fn may_reach(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    FAR.iter().any(|word| sql.contains(word))
}

/// Spaces instead of letters; lines stay.
fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|it| **it != b'\n') {
        *byte = b' ';
    }
}

/// The names that a statement may mean, those inside its literals included.
fn words<'t>(text: &'t str, statement: &[Token]) -> Vec<&'t str> {
    let mut words = Vec::new();
    for token in statement {
        let written = &text[token.start..token.end];
        match token.kind {
            TokenKind::QuotedWord => words.push(written.trim_matches('"')),
            TokenKind::Word => words.push(written),
            TokenKind::Literal => {
                let is_part = |letter: char| letter.is_alphanumeric() || "_-$".contains(letter);
                words.extend(
                    written
                        .split(|letter| !is_part(letter))
                        .filter(|it| !it.is_empty()),
                );
            }
            _ => {}
        }
    }
    words
}

fn refusal(place: &str, what: &str) -> Error {
    let message = format!(
        "{place}: {what}: not known to stay in its database, and the scratch server is not Underpin's own"
    );
    Error::new(ErrorKind::Refused, message).with_hint(
        "nothing of the file was run there; without --scratch a cluster of Underpin's own is used; when the server is there \
         for such work alone, add --scratch-cluster-wide",
    )
}

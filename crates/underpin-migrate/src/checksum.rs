//! Two checksums of a file: of its bytes, and of what it means.
//!
//! The meaning is the options and the sequence of tokens. Line ends, byte order mark, comments, layout, empty
//! statements and the case of unquoted words do not count. Tokens are tagged by this module's own numbers, never by
//! the parser's, so that a new parser leaves every recorded checksum as it was.

use crate::files::Header;
use crate::sql::{Token, TokenKind, split, tokens};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 checksum; prints as hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From the ledger's bytes; None when they are not 32.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// The checksum of a file's bytes.
pub(crate) fn raw(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// The checksum of what a script means.
///
/// It takes no parser, only its lexer, so that a folder can be held against its sum file at every start.
pub(crate) fn meaning(header: &Header, text: &str) -> Hash {
    let mut sha = Sha256::new();
    field(&mut sha, b'V', "underpin meaning 1");
    field(&mut sha, b'H', &header.canonical());
    for piece in split(text, &tokens(text)) {
        sha.update(statement(text, piece).as_bytes());
    }
    Hash(sha.finalize().into())
}

/// The checksum of what one statement means.
pub(crate) fn statement(text: &str, tokens: &[Token]) -> Hash {
    let mut sha = Sha256::new();
    let mut rest = tokens.iter().filter(|token| !token.is_trivia()).peekable();
    while let Some(token) = rest.next() {
        let start = token.start;
        let mut end = token.end;
        // Operator characters are lexed one by one; what touches is one operator.
        while token.kind == TokenKind::Operator
            && let Some(next) = rest.next_if(|it| it.kind == TokenKind::Operator && it.start == end)
        {
            end = next.end;
        }
        let text = &text[start..end];
        match token.kind {
            TokenKind::Word => field(&mut sha, b'W', &text.to_ascii_lowercase()),
            TokenKind::QuotedWord => field(&mut sha, b'Q', text),
            TokenKind::Literal => field(&mut sha, b'L', text),
            TokenKind::CopyData => field(&mut sha, b'D', text),
            _ => field(&mut sha, b'P', text),
        }
    }
    Hash(sha.finalize().into())
}

/// Tag, length, text: no two sequences of fields look alike.
fn field(sha: &mut Sha256, tag: u8, text: &str) {
    sha.update([tag]);
    sha.update((text.len() as u64).to_be_bytes());
    sha.update(text.as_bytes());
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;

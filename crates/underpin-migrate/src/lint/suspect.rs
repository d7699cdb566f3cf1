//! What no rule can read: it is reported, and taken out before the rules look.

mod psql;

use crate::sql::{Token, TokenKind, split, tokens};
use squawk_syntax::{Parse, SourceFile};

/// Longest text that is read; a longer one holds data, not a migration.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Deepest nesting of brackets that is handed to the parser, which is recursive.
const BRACKETS_MAX: usize = 256;

/// Most tokens that may hang on each other between two commas, over all open brackets: the parser's tree is as deep as
/// that. `a + b + c …` of some thousand terms is the case.
const CHAIN_MAX: usize = 3_000;

/// Most words in a statement that open something a comma does not close: `UNION`, `CASE`.
const OPENERS_MAX: usize = 1_000;

/// Most reports of one file.
const UNREAD_MAX: usize = 100;

/// A piece of text that could not be read.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) range: (usize, usize),
    pub(super) message: String,
}

/// The text as rules may read it, parsed: what could not be read is replaced by spaces, so that every byte keeps its place.
pub(super) struct Readable {
    pub(super) text: String,
    pub(super) parse: Parse<SourceFile>,
    pub(super) unread: Vec<Unread>,
}

pub(super) fn read(text: &str) -> Readable {
    if text.len() > TEXT_BYTES_MAX {
        let unread = Unread {
            range: (0, 0),
            message: format!("The file has more than {TEXT_BYTES_MAX} bytes."),
        };
        return Readable {
            text: String::new(),
            parse: SourceFile::parse(""),
            unread: vec![unread],
        };
    }
    // A byte order mark is three bytes of nothing.
    let mut text = text.replacen('\u{feff}', "   ", usize::from(text.starts_with('\u{feff}')));
    let mut unread = Vec::new();
    psql::take_out(&mut text, &mut unread);
    let tokens = tokens(&text);
    let pieces = split(&text, &tokens);
    let mut readable = text.clone();
    take_out(
        &mut readable,
        &mut unread,
        pieces.iter().filter_map(|it| unfit(&text, it)),
    );
    let ends: Vec<_> = pieces.iter().flat_map(|it| elements(&text, it)).collect();
    for at in ends {
        readable.replace_range(at..=at, ";");
    }
    let mut parse = SourceFile::parse(&readable);
    if !parse.errors().is_empty() {
        let wrong: Vec<_> = pieces
            .iter()
            .flat_map(|it| misread(&readable, it))
            .collect();
        take_out(&mut readable, &mut unread, wrong.into_iter());
        parse = SourceFile::parse(&readable);
    }
    // What is wrong only between pieces: rare, and no reason to look at the rest of the file.
    unread.extend(parse.errors().into_iter().map(|error| {
        let range = error.range();
        Unread {
            range: (usize::from(range.start()), usize::from(range.end())),
            message: sentence(error.message()),
        }
    }));
    unread.truncate(UNREAD_MAX);
    Readable {
        text: readable,
        parse,
        unread,
    }
}

/// A piece of the script, and what is wrong with it.
struct Wrong {
    piece: (usize, usize),
    unread: Unread,
}

fn take_out(text: &mut String, unread: &mut Vec<Unread>, wrong: impl Iterator<Item = Wrong>) {
    let (pieces, found): (Vec<_>, Vec<_>) = wrong.map(|it| (it.piece, it.unread)).unzip();
    blank(text, pieces);
    unread.extend(found);
}

/// Replaces pieces of a text, which begin and end between characters, by spaces; lines stay.
fn blank(text: &mut String, pieces: impl IntoIterator<Item = (usize, usize)>) {
    let mut bytes = std::mem::take(text).into_bytes();
    for (start, end) in pieces {
        for byte in &mut bytes[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    *text = String::from_utf8(bytes).expect("whole characters were replaced by spaces");
}

/// Where the elements of `CREATE SCHEMA app CREATE TABLE …` can be cut apart: one byte of the space before each.
///
/// Squawk looks at statements only, and its parser takes what follows the semicolon for elements, too.
fn elements(text: &str, piece: &[Token]) -> Vec<usize> {
    let mut words = piece.iter().filter(|it| !it.is_trivia());
    let begins = ["create", "schema"]
        .iter()
        .all(|word| words.next().is_some_and(|it| it.is_word(text, word)));
    let mut depth = 0_usize;
    let mut cuts = Vec::new();
    for (before, token) in piece.iter().zip(piece.iter().skip(1)) {
        match token.kind {
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        let opens = token.is_word(text, "create") || token.is_word(text, "grant");
        if begins && depth == 0 && opens && before.kind == TokenKind::Space {
            cuts.push(before.start);
        }
    }
    cuts
}

/// What must not reach the parser, or cannot be what its author meant.
fn unfit(text: &str, piece: &[Token]) -> Option<Wrong> {
    let bounds = bounds(piece)?;
    let wrong = |token: &Token, message: &str| Wrong {
        piece: bounds,
        unread: Unread {
            range: (token.start, token.end),
            message: String::from(message),
        },
    };
    if let Some(open) = piece.iter().find(|it| it.open) {
        return Some(wrong(
            open,
            "A quote or comment that begins here never ends.",
        ));
    }
    let mut depth = Depth::default();
    let mut significant = piece.iter().filter(|it| !it.is_trivia());
    let deep = significant.find(|token| depth.is_too_deep_at(text, token));
    deep.map(|token| wrong(token, "The statement is nested too deeply to be read."))
}

/// How deep the parser's tree may become, estimated from the tokens.
struct Depth {
    /// For each open bracket, how many tokens hang on each other since the last comma in it.
    chains: Vec<usize>,
    sum: usize,
    openers: usize,
}

impl Default for Depth {
    fn default() -> Self {
        Self {
            chains: vec![0],
            sum: 0,
            openers: 0,
        }
    }
}

impl Depth {
    fn is_too_deep_at(&mut self, text: &str, token: &Token) -> bool {
        let open = self.chains.len() - 1;
        match &text[token.start..token.end] {
            "(" | "[" => self.chains.push(0),
            ")" | "]" if open > 0 => self.sum -= self.chains.pop().unwrap_or_default(),
            "," | ";" => self.sum -= std::mem::take(&mut self.chains[open]),
            _ => {
                self.chains[open] += 1;
                self.sum += 1;
                let opens = ["union", "intersect", "except", "case", "begin"];
                self.openers += usize::from(opens.iter().any(|it| token.is_word(text, it)));
            }
        }
        self.chains.len() > BRACKETS_MAX || self.sum > CHAIN_MAX || self.openers > OPENERS_MAX
    }
}

/// What the grammar says against a piece by itself.
///
/// A parenthesis that is never closed swallows the statements after it: those that are right by themselves stay.
fn misread(text: &str, piece: &[Token]) -> Vec<Wrong> {
    let Some(whole) = wrong_by_itself(text, piece) else {
        return Vec::new();
    };
    let parts = piece.split(|it| it.kind == TokenKind::Semicolon);
    let parts: Vec<_> = parts.filter_map(|it| wrong_by_itself(text, it)).collect();
    if parts.is_empty() { vec![whole] } else { parts }
}

fn wrong_by_itself(text: &str, piece: &[Token]) -> Option<Wrong> {
    let (start, end) = bounds(piece)?;
    let parse = SourceFile::parse(&text[start..end]);
    let error = parse.errors().into_iter().next()?;
    let range = error.range();
    Some(Wrong {
        piece: (start, end),
        unread: Unread {
            range: (
                start + usize::from(range.start()),
                start + usize::from(range.end()),
            ),
            message: sentence(error.message()),
        },
    })
}

fn bounds(piece: &[Token]) -> Option<(usize, usize)> {
    Some((piece.first()?.start, piece.last()?.end))
}

/// The parser's message as a sentence.
fn sentence(message: &str) -> String {
    format!("The parser does not understand this: {message}.")
}

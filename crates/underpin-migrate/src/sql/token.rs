//! Tokens with their place in the text; squawk's lexer does the work.

use squawk_lexer::{LiteralKind, TokenKind as Lexed};

/// What splitting and checksums need to know of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Space,
    LineComment,
    BlockComment,
    /// A keyword or an unquoted name.
    Word,
    /// A quoted name.
    QuotedWord,
    /// A string of any kind, a number, `$1`.
    Literal,
    /// One character of an operator, or a colon.
    Operator,
    OpenParen,
    CloseParen,
    Semicolon,
    /// `,`, `.`, brackets.
    Other,
    /// A character that SQL has no use for.
    Unknown,
    /// Rows that follow `COPY … FROM stdin;`, with the line that ends them.
    CopyData,
    /// A line of `pg_dump` for psql, without meaning here.
    PsqlLine,
}

/// A token and its byte range.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Does the quote or comment that it opens never end?
    pub(crate) open: bool,
}

impl Token {
    /// Space, a comment that ends, or a line that is skipped?
    pub(crate) fn is_trivia(&self) -> bool {
        !self.open
            && matches!(
                self.kind,
                TokenKind::Space
                    | TokenKind::LineComment
                    | TokenKind::BlockComment
                    | TokenKind::PsqlLine
            )
    }

    /// Is it this keyword?
    pub(crate) fn is_word(&self, text: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && text[self.start..self.end].eq_ignore_ascii_case(word)
    }
}

/// The tokens of SQL from a byte on, trivia included, without gaps, as they are asked for.
pub(crate) fn tokens_from(text: &str, mut start: usize) -> impl Iterator<Item = Token> {
    squawk_lexer::tokenize(&text[start..]).map(move |lexed| {
        let end = start + lexed.len as usize;
        let (kind, open) = kind(lexed.kind);
        let token = Token {
            kind,
            start,
            end,
            open,
        };
        start = end;
        token
    })
}

fn kind(lexed: Lexed) -> (TokenKind, bool) {
    let kind = match lexed {
        Lexed::Whitespace => TokenKind::Space,
        Lexed::LineComment => TokenKind::LineComment,
        Lexed::BlockComment { terminated } => return (TokenKind::BlockComment, !terminated),
        Lexed::Ident => TokenKind::Word,
        Lexed::QuotedIdent { terminated, .. } => return (TokenKind::QuotedWord, !terminated),
        Lexed::Literal { kind } => return (TokenKind::Literal, is_open(kind)),
        Lexed::PositionalParam { .. } => TokenKind::Literal,
        Lexed::Semi => TokenKind::Semicolon,
        Lexed::OpenParen => TokenKind::OpenParen,
        Lexed::CloseParen => TokenKind::CloseParen,
        Lexed::Unknown => TokenKind::Unknown,
        Lexed::Dot
        | Lexed::DotDot
        | Lexed::Comma
        | Lexed::OpenBracket
        | Lexed::CloseBracket
        | Lexed::OpenCurly
        | Lexed::CloseCurly
        | Lexed::Eof => TokenKind::Other,
        _ => TokenKind::Operator,
    };
    (kind, false)
}

fn is_open(literal: LiteralKind) -> bool {
    match literal {
        LiteralKind::Int { .. } | LiteralKind::Numeric { .. } => false,
        LiteralKind::Str { terminated }
        | LiteralKind::NationalStr { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::BitStr { terminated }
        | LiteralKind::DollarQuotedString { terminated }
        | LiteralKind::UnicodeEscStr { terminated }
        | LiteralKind::EscStr { terminated } => !terminated,
    }
}

//! A statement as tokens: enough to tell words, names and operators from texts and comments.

use crate::normalise::{comment_end, dollar_tag};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A word as it stands; not folded.
    Word(&'a str),
    /// A quoted name, without its quotes.
    Quoted(String),
    /// A run of operator characters.
    Operator(&'a str),
    /// A bracket, a comma, a point, a semicolon.
    Mark(char),
    /// A number, a text, a parameter.
    Value,
}

/// Reads tokens, not grammar: what is not closed ends with the text.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(sql: &'a str) -> Self {
        Self { rest: sql }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let length = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        self.take(length)
    }

    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let length = if self.rest.starts_with("--") {
                self.rest.find('\n').unwrap_or(self.rest.len())
            } else if self.rest.starts_with("/*") {
                comment_end(self.rest, 0)
            } else {
                return;
            };
            self.take(length);
        }
    }

    /// What a quote encloses, without it. `escapes`: a backslash keeps the next character from ending it.
    fn quoted(&mut self, quote: char, escapes: bool) -> &'a str {
        let body = &self.rest[1..];
        let mut chars = body.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && escapes {
                chars.next();
            } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
                self.take(at + 2);
                return &body[..at];
            }
        }
        self.rest = "";
        body
    }

    fn word(&mut self) -> Token<'a> {
        let word = self.take_while(is_of_word);
        if self.rest.starts_with('\'') && word.len() == 1 {
            self.quoted('\'', word.eq_ignore_ascii_case("e"));
            return Token::Value;
        }
        Token::Word(word)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blank();
        let first = self.rest.chars().next()?;
        Some(match first {
            '\'' => {
                self.quoted('\'', false);
                Token::Value
            }
            '"' => Token::Quoted(self.quoted('"', false).replace("\"\"", "\"")),
            '$' => {
                match dollar_tag(self.rest) {
                    Some(tag) => {
                        let body = &self.rest[tag.len()..];
                        let end = body.find(tag).map_or(body.len(), |close| close + tag.len());
                        self.take(tag.len() + end);
                    }
                    None => {
                        self.take(1);
                        self.take_while(|c| c.is_ascii_digit());
                    }
                }
                Token::Value
            }
            '0'..='9' => {
                self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
                Token::Value
            }
            c if starts_word(c) => self.word(),
            c if is_operator(c) => self.operator(),
            mark => {
                self.take(mark.len_utf8());
                Token::Mark(mark)
            }
        })
    }
}

impl<'a> Tokens<'a> {
    /// An operator ends where a comment begins.
    fn operator(&mut self) -> Token<'a> {
        let run = self.rest.find(|c| !is_operator(c));
        let run = &self.rest[..run.unwrap_or(self.rest.len())];
        let comment = [run.find("--"), run.find("/*")].into_iter().flatten().min();
        Token::Operator(self.take(comment.unwrap_or(run.len())))
    }
}

fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_of_word(c: char) -> bool {
    starts_word(c) || c.is_ascii_digit() || c == '$'
}

fn is_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|`?".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        Tokens::of(sql)
            .filter_map(|token| match token {
                Token::Word(word) => Some(String::from(word)),
                Token::Quoted(name) => Some(format!("\"{name}\"")),
                Token::Operator(operator) => Some(format!("<{operator}>")),
                Token::Mark(_) | Token::Value => None,
            })
            .collect()
    }

    #[test]
    fn words_are_told_from_texts_and_comments() {
        for (sql, expected) in [
            ("SELECT a, 'b' FROM \"C\"\"d\"", "SELECT a FROM \"C\"d\""),
            ("select /* x /* y */ z */ 1 -- w\n+ b", "select <+> b"),
            ("SELECT E'it\\'s f()', 'it\\' , g", "SELECT g"),
            ("SELECT $1::int, $$ f() $$, $t$ g() $t$ h", "SELECT int h"),
            ("SELECT a->>'b' <-- c\n d", "SELECT a <->>> <<> d"),
            ("SELECT 1.5e3, 0x1F, é", "SELECT é"),
            ("SELECT 'never closed f()", "SELECT"),
        ] {
            assert_eq!(names(sql).join(" "), expected, "{sql}");
        }
    }
}

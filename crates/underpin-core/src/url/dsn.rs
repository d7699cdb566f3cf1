//! The form of words: `host=localhost user=app password='it''s' dbname=notes`, quoted as libpq quotes.

use super::{ParseError, Parts, parameter, parts};
use crate::ErrorKind;

/// Reads `key = value` words; a value with spaces is quoted with `'`, and `\` takes the next character as it is.
pub(super) fn parse(text: &str) -> Result<Parts, ParseError> {
    if !text.contains('=') {
        let what = if text.trim().is_empty() {
            "the database URL is empty"
        } else {
            "the text is not a database URL"
        };
        return Err(malformed(what));
    }
    let mut parts = Parts::default();
    let mut reader = Reader(text);
    let mut bare_password = false;
    while let Some((key, value)) = reader.next_word(bare_password)? {
        if bare_password && !parameter::is_known(key) {
            return Err(split_password());
        }
        bare_password = key == "password" && !value.quoted;
        parts.set(key, value.text)?;
    }
    Ok(parts)
}

struct Reader<'a>(&'a str);

struct Value {
    text: String,
    quoted: bool,
}

impl<'a> Reader<'a> {
    fn next_word(
        &mut self,
        after_bare_password: bool,
    ) -> Result<Option<(&'a str, Value)>, ParseError> {
        self.skip_space();
        if self.0.is_empty() {
            return Ok(None);
        }
        let end = self
            .0
            .find(|c: char| c == '=' || c.is_ascii_whitespace())
            .unwrap_or(self.0.len());
        let (key, rest) = self.0.split_at(end);
        self.0 = rest;
        self.skip_space();
        let Some(rest) = self.0.strip_prefix('=') else {
            return Err(if after_bare_password {
                split_password()
            } else {
                malformed("a word has no `=` after it").with_hint(QUOTING)
            });
        };
        self.0 = rest;
        self.skip_space();
        Ok(Some((key, self.value(key)?)))
    }

    fn value(&mut self, key: &str) -> Result<Value, ParseError> {
        let quoted = self.0.starts_with('\'');
        let mut text = String::new();
        let mut chars = self.0.char_indices();
        if quoted {
            chars.next();
        }
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
                '\'' if quoted => {
                    self.0 = &self.0[at + 1..];
                    return Ok(Value { text, quoted });
                }
                c if !quoted && c.is_ascii_whitespace() => {
                    self.0 = &self.0[at..];
                    return Ok(Value { text, quoted });
                }
                c => text.push(c),
            }
        }
        if quoted {
            let key = parts::shown(key);
            return Err(
                malformed(format!("the quote of parameter {key} is not closed")).with_hint(QUOTING),
            );
        }
        self.0 = "";
        Ok(Value { text, quoted })
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }
}

const QUOTING: &str =
    r"quote a value that contains spaces: password='two words'; write ' as \' and \ as \\";

/// Words after a password without quotes may be the rest of it: they are not named.
fn split_password() -> ParseError {
    malformed("what follows the password is not a parameter").with_hint(QUOTING)
}

fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> ParseError {
    ParseError::new(ErrorKind::Config, message).with_hint(parts::EXPECTED)
}

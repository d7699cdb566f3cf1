//! What a parser lets pass and readers of the text disagree about, or PostgreSQL cannot store: keys that appear twice,
//! the NUL character wherever it hides, numbers without measure.
//!
//! A document is kept as text, validated as the value that one parser makes of it, and stored as the value that another
//! makes of it. Only what all of them must read alike may pass, so this looks at the text itself.

use super::fault::{Fault, quoted};
use std::borrow::Cow;
use std::collections::HashSet;

/// The longest number, in characters.
const NUMBER_CHARS_MAX: usize = 400;
/// The largest exponent, either way. PostgreSQL keeps 16,383 digits behind the decimal point, and most readers far fewer.
const EXPONENT_MAX: u32 = 400;

/// The first such thing in a text that a parser has accepted: brackets match, strings end, nesting is bounded.
pub(crate) fn check(text: &str) -> Result<(), Fault> {
    let mut walk = Walk {
        text,
        at: 0,
        pointer: String::new(),
    };
    walk.value()
}

struct Walk<'a> {
    text: &'a str,
    at: usize,
    /// Where in the document `at` is.
    pointer: String,
}

impl<'a> Walk<'a> {
    fn value(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => {
                let text = self.string();
                self.refuse_nul(&text, "must not contain the NUL character")
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                self.take_while(|byte| byte.is_ascii_alphabetic());
                Ok(())
            }
        }
    }

    fn object(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let mut seen: HashSet<Cow<'a, str>> = HashSet::new();
        while self.peek() == Some(b'"') {
            let key = self.string();
            self.refuse_nul(&key, "a field's name contains the NUL character")?;
            let length = self.enter(&key);
            if seen.contains(&key) {
                let message = format!(
                    "the key {} appears twice; readers may take either",
                    quoted(&key)
                );
                return Err(Fault::new(self.pointer.clone(), "duplicate-key", message));
            }
            seen.insert(key);
            self.skip(b':');
            self.value()?;
            self.pointer.truncate(length);
            self.skip(b',');
        }
        self.skip(b'}');
        Ok(())
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let mut index = 0_usize;
        while self.peek().is_some_and(|byte| byte != b']') {
            let length = self.enter(&index.to_string());
            self.value()?;
            self.pointer.truncate(length);
            self.skip(b',');
            index += 1;
        }
        self.skip(b']');
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let number = self.take_while(|byte| {
            byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
        });
        let exponent = number
            .split_once(['e', 'E'])
            .map_or("0", |(_, digits)| digits);
        let exponent = exponent.trim_start_matches(['-', '+']);
        let is_moderate = exponent
            .parse::<u32>()
            .is_ok_and(|exponent| exponent <= EXPONENT_MAX);
        if number.len() <= NUMBER_CHARS_MAX && is_moderate {
            return Ok(());
        }
        let message = format!(
            "must be a number of at most {NUMBER_CHARS_MAX} characters with an exponent of at most {EXPONENT_MAX}"
        );
        Err(Fault::new(self.pointer.clone(), "number", message))
    }

    /// The string that begins here, its escapes resolved.
    fn string(&mut self) -> Cow<'a, str> {
        let start = self.at;
        self.at += 1;
        let mut has_escapes = false;
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    has_escapes = true;
                    self.at += 1;
                }
                _ => {}
            }
        }
        let whole = self.text.get(start..self.at).unwrap_or_default();
        let plain = whole.trim_start_matches('"').trim_end_matches('"');
        if !has_escapes {
            return Cow::Borrowed(plain);
        }
        serde_json::from_str(whole).map_or(Cow::Borrowed(plain), Cow::Owned)
    }

    fn refuse_nul(&self, text: &str, message: &'static str) -> Result<(), Fault> {
        if text.contains('\0') {
            return Err(Fault::new(self.pointer.clone(), "nul", message));
        }
        Ok(())
    }

    /// Goes into a field or an element; gives the length to come back to.
    fn enter(&mut self, step: &str) -> usize {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&step.replace('~', "~0").replace('/', "~1"));
        length
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, expected: u8) {
        if self.peek() == Some(expected) {
            self.at += 1;
        }
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| belongs(*byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str, expected: Option<(&str, &str)>) {
        let fault = check(text).err();
        let found = fault
            .as_ref()
            .map(|fault| (fault.rule, fault.pointer.as_str()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_all_readers_read_alike_passes() {
        for text in [
            "{}",
            " [ ] ",
            "\"x\"",
            "null",
            "-1.5e+10",
            r#"{"a":1,"b":[true,null,-1,1.5,"x",{}], "A":"\\\"", "":{"a":"\u00e9"}}"#,
            "{ \"a\" : [ 1 , 2 ] ,\n \"b\" : \"{\\\"a\\\":1,\\\"a\\\":2}\" }",
        ] {
            check_text(text, None);
        }
    }

    #[test]
    fn a_key_that_appears_twice_is_named() {
        check_text(r#"{"a":1,"a":2}"#, Some(("duplicate-key", "/a")));
        check_text(
            r#"{"a":[0,{"b/c":{"d":1,"\u0064":2}}]}"#,
            Some(("duplicate-key", "/a/1/b~1c/d")),
        );
    }

    #[test]
    fn nul_is_found_where_a_later_key_hides_it() {
        check_text(r#"{"k":"a\u0000","k":"c"}"#, Some(("nul", "/k")));
        check_text(r#"{"k":{"a":["\u0000"]},"k":1}"#, Some(("nul", "/k/a/0")));
        check_text(r#"{"x":{"k\u0000":1}}"#, Some(("nul", "/x")));
        check_text(r#"{"x":"\\u0000"}"#, None);
    }

    #[test]
    fn a_number_without_measure_is_refused() {
        for number in ["1e401", "1e-20000", "0e99999999999", "0.1E-401"] {
            check_text(&format!("[0,{number}]"), Some(("number", "/1")));
        }
        let long = format!("0.{}1", "0".repeat(20_000));
        check_text(&long, Some(("number", "")));
        check_text("[1e308, 2.5e-308, 123456789012345678901234567890]", None);
    }
}

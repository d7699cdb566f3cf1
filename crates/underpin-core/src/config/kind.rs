//! The kinds of values: how each is read, what it allows, how it is shown.
//!
//! One trait gives the loader, `config show` and the reference the same words for the same value.

mod duration;
mod filter;
mod origins;

pub(super) use duration::Span;
pub(super) use filter::Filter;
pub(super) use origins::Origins;

use super::listen::Listen;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// A kind of value. `parse(show(value)) == value`.
pub(super) trait Kind {
    type Value;

    /// What may be written, for errors and the reference.
    fn allowed(&self) -> String;

    /// Reads a text; the error completes the sentence `"text" …`.
    fn parse(&self, text: &str) -> Result<Self::Value, &'static str>;

    /// Writes a value as it would be set.
    fn show(&self, value: &Self::Value) -> String;
}

pub(super) const OUT_OF_RANGE: &str = "is out of range";

/// A whole number in a range.
pub(super) struct Count(pub(super) RangeInclusive<usize>);

impl Kind for Count {
    type Value = usize;

    fn allowed(&self) -> String {
        format!("{} to {}", self.0.start(), self.0.end())
    }

    fn parse(&self, text: &str) -> Result<usize, &'static str> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("is not a whole number");
        }
        let count = text.parse().map_err(|_| OUT_OF_RANGE)?;
        self.0.contains(&count).then_some(count).ok_or(OUT_OF_RANGE)
    }

    fn show(&self, value: &usize) -> String {
        value.to_string()
    }
}

/// On or off.
pub(super) struct Switch;

impl Kind for Switch {
    type Value = bool;

    fn allowed(&self) -> String {
        String::from("true or false (also on, off, yes, no, 1, 0)")
    }

    fn parse(&self, text: &str) -> Result<bool, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" | "1" => Ok(true),
            "false" | "off" | "no" | "0" => Ok(false),
            _ => Err("is neither true nor false"),
        }
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// One of a few words.
pub(super) struct Choice<T: 'static>(pub(super) &'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Kind for Choice<T> {
    type Value = T;

    fn allowed(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|(word, _)| *word).collect();
        words.join(" or ")
    }

    fn parse(&self, text: &str) -> Result<T, &'static str> {
        let found = self
            .0
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        found
            .map(|(_, value)| *value)
            .ok_or("is none of the choices")
    }

    fn show(&self, value: &T) -> String {
        let found = self.0.iter().find(|(_, known)| known == value);
        found.map_or_else(String::new, |(word, _)| String::from(*word))
    }
}

/// Another kind, or a word that stands for no value.
pub(super) struct Optional<K> {
    pub(super) kind: K,
    pub(super) absent: &'static str,
}

impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;

    fn allowed(&self) -> String {
        format!("{}, or {}", self.kind.allowed(), self.absent)
    }

    fn parse(&self, text: &str) -> Result<Self::Value, &'static str> {
        if text.eq_ignore_ascii_case(self.absent) {
            return Ok(None);
        }
        self.kind.parse(text).map(Some)
    }

    fn show(&self, value: &Self::Value) -> String {
        match value {
            Some(value) => self.kind.show(value),
            None => String::from(self.absent),
        }
    }
}

/// An address to listen on.
pub(super) struct Address;

impl Kind for Address {
    type Value = Listen;

    fn allowed(&self) -> String {
        String::from(
            "ADDRESS:PORT such as 127.0.0.1:8000, localhost:8000, 0.0.0.0:80 or [::1]:0 (port 0 takes a free one)",
        )
    }

    fn parse(&self, text: &str) -> Result<Listen, &'static str> {
        text.parse()
    }

    fn show(&self, value: &Listen) -> String {
        value.to_string()
    }
}

/// A folder.
pub(super) struct Folder;

impl Kind for Folder {
    type Value = PathBuf;

    fn allowed(&self) -> String {
        String::from("a path")
    }

    fn parse(&self, text: &str) -> Result<PathBuf, &'static str> {
        if text.contains('\0') {
            return Err("contains a zero byte");
        }
        if Path::new(text).starts_with("~") {
            return Err("starts with ~, which only a shell expands");
        }
        Ok(PathBuf::from(text))
    }

    fn show(&self, value: &PathBuf) -> String {
        value.display().to_string()
    }
}

/// A user of this machine.
pub(super) struct UserName;

impl Kind for UserName {
    type Value = String;

    fn allowed(&self) -> String {
        String::from("the name of an unprivileged user")
    }

    fn parse(&self, text: &str) -> Result<String, &'static str> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-$@".contains(letter);
        match text {
            "root" => Err("is root"),
            "nobody" | "nfsnobody" => {
                Err("is shared by programs that must not see each other's files")
            }
            _ if text.starts_with('-') || !text.chars().all(is_plain) => {
                Err("is not a user's name")
            }
            _ => Ok(String::from(text)),
        }
    }

    fn show(&self, value: &String) -> String {
        value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    fn check<K: Kind>(kind: &K, text: &str, expected: Result<&str, &'static str>)
    where
        K::Value: Debug,
    {
        let shown = kind.parse(text).map(|value| kind.show(&value));
        assert_eq!(shown.as_deref(), expected.as_deref(), "{text}");
        if let Ok(shown) = shown {
            assert_eq!(kind.parse(&shown).map(|value| kind.show(&value)), Ok(shown));
        }
    }

    #[test]
    fn counts_are_whole_numbers_in_their_range() {
        let count = Count(1..=100);
        check(&count, "1", Ok("1"));
        check(&count, "007", Ok("7"));
        check(&count, "100", Ok("100"));
        for text in ["0", "101", "-1", "99999999999999999999999"] {
            check(&count, text, Err(OUT_OF_RANGE));
        }
        for text in ["", "-", "+1", "1.5", "ten", "1e2", "1 0"] {
            check(&count, text, Err("is not a whole number"));
        }
    }

    #[test]
    fn switches_know_eight_words() {
        for text in ["true", "on", "yes", "1", "TRUE", "On"] {
            check(&Switch, text, Ok("true"));
        }
        for text in ["false", "off", "no", "0", "No"] {
            check(&Switch, text, Ok("false"));
        }
        for text in ["", "2", "enabled", "truely"] {
            check(&Switch, text, Err("is neither true nor false"));
        }
    }

    #[test]
    fn optional_values_have_a_word_for_none() {
        let kind = Optional {
            kind: Choice(&[("a", 1), ("b", 2)]),
            absent: "auto",
        };
        assert_eq!(kind.allowed(), "a or b, or auto");
        check(&kind, "B", Ok("b"));
        check(&kind, "Auto", Ok("auto"));
        check(&kind, "c", Err("is none of the choices"));
    }

    #[test]
    fn addresses_have_a_port() {
        check(&Address, "127.0.0.1:8000", Ok("127.0.0.1:8000"));
        check(&Address, "[::]:0", Ok("[::]:0"));
        check(&Address, "localhost:8000", Ok("localhost:8000"));
        for text in [
            "",
            "8000",
            ":8000",
            "localhost",
            "127.0.0.1",
            "1.2.3.4:70000",
        ] {
            check(&Address, text, Err("is not an address with a port"));
        }
    }

    #[test]
    fn users_have_plain_names_and_nobody_is_none() {
        for name in ["postgres", "svc-underpin", "DOMAIN.user$", "1001"] {
            check(&UserName, name, Ok(name));
        }
        check(&UserName, "root", Err("is root"));
        let shared = "is shared by programs that must not see each other's files";
        check(&UserName, "nobody", Err(shared));
        for name in ["-u", "a b", "a;b", "a/b"] {
            check(&UserName, name, Err("is not a user's name"));
        }
    }

    #[test]
    fn folders_are_taken_as_they_are() {
        check(&Folder, "/srv/a b", Ok("/srv/a b"));
        check(&Folder, "data", Ok("data"));
        check(
            &Folder,
            "~/data",
            Err("starts with ~, which only a shell expands"),
        );
    }
}

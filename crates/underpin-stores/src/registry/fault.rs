//! What is wrong with a document: where, which rule, in words.

use serde::Serialize;
use std::fmt;

/// One rule that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where, as a JSON pointer: `/packages/0/version`. Empty for the document itself.
    pub pointer: String,
    /// The same place for people: `packages[0].version`.
    pub field: String,
    /// The rule's short name, stable for scripts: `pattern`, `required`, `version-range`, …
    pub rule: &'static str,
    /// What is expected, and what was found.
    pub message: String,
}

impl Fault {
    /// A fault at a JSON pointer.
    pub(crate) fn new(
        pointer: impl Into<String>,
        rule: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let pointer = pointer.into();
        Self {
            field: field_of(&pointer),
            pointer,
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            rule,
            message,
            ..
        } = self;
        if field.is_empty() {
            write!(f, "{message} ({rule})")
        } else {
            write!(f, "{field}: {message} ({rule})")
        }
    }
}

/// `/packages/0/version` becomes `packages[0].version`.
fn field_of(pointer: &str) -> String {
    let mut field = String::new();
    for step in pointer.split('/').skip(1) {
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            field.push('[');
            field.push_str(step);
            field.push(']');
        } else {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(&step.replace("~1", "/").replace("~0", "~"));
        }
    }
    field
}

/// Quotes a value of a document for a message: shortened, control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_read_as_fields() {
        let check = |pointer, expected| assert_eq!(field_of(pointer), expected);
        check("", "");
        check("/name", "name");
        check("/packages/0/version", "packages[0].version");
        check("/_meta/io.x~1y", "_meta.io.x/y");
    }

    #[test]
    fn quoted_values_are_short_and_printable() {
        assert_eq!(quoted("a\0b"), r#""a\0b""#);
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), 63);
    }
}

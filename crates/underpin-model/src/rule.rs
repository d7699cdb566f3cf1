//! Validation: what values must be, checked before each write.

use crate::fault::NUL;
use crate::{DbValue, Fault, FaultKind, Field, Table};
use garde::rules::url::Url as _;
use regex::Regex;
use std::any::Any;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};
use underpin_core::counted;

/// What a value must be. NULL fulfils every rule.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// `length(min = 1, max = 80)`: characters of text, items of a list, bytes.
    Length {
        /// The least.
        min: Option<usize>,
        /// The most.
        max: Option<usize>,
    },
    /// `range(min = 0, max = 100)`, both included. Bounds and values are compared as `f64`.
    Range {
        /// The smallest.
        min: Option<f64>,
        /// The largest.
        max: Option<f64>,
    },
    /// `pattern = "^[a-z]+$"`: a regular expression that must match somewhere in the text.
    Pattern(&'static str),
    /// `email`
    Email,
    /// `url`: absolute.
    Url,
    /// `custom = path`: a function `fn(&T) -> Result<(), impl Display>`.
    Custom(fn(&dyn Any) -> Option<String>),
}

impl Rule {
    /// What is wrong with a value, if anything.
    fn check(&self, value: &dyn DbValue) -> Option<String> {
        match *self {
            Self::Length { min, max } => {
                let count = value.count()?;
                let is_within =
                    min.is_none_or(|min| count >= min) && max.is_none_or(|max| count <= max);
                let unit = match (min, max) {
                    (Some(1), None) | (None, Some(1)) => "item or character",
                    _ => "items or characters",
                };
                (!is_within).then(|| format!("must have {}", bounds(min, max, unit)))
            }
            Self::Range { min, max } => {
                // Not a number is in no range.
                let number = value.as_number()?;
                let is_within =
                    min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max);
                (!is_within).then(|| format!("must be {}", bounds(min, max, "")))
            }
            Self::Pattern(pattern) => match is_match(pattern, value.as_text()?) {
                Ok(true) => None,
                Ok(false) => Some(format!("must match {pattern}")),
                Err(_) => Some(format!(
                    "has the rule {pattern}, which is no regular expression"
                )),
            },
            Self::Email => {
                let parsed = garde::rules::email::parse_email(value.as_text()?);
                parsed
                    .err()
                    .map(|_| String::from("must be an e-mail address"))
            }
            Self::Url => {
                let parsed = value.as_text()?.validate_url();
                parsed.err().map(|_| String::from("must be a URL"))
            }
            Self::Custom(check) => check(value.as_any()?),
        }
    }
}

/// `from 1 to 5 characters`
fn bounds<T: std::fmt::Display>(min: Option<T>, max: Option<T>, unit: &str) -> String {
    let text = match (min, max) {
        (Some(min), Some(max)) => format!("from {min} to {max} {unit}"),
        (Some(min), None) => format!("at least {min} {unit}"),
        (None, Some(max)) => format!("at most {max} {unit}"),
        (None, None) => String::new(),
    };
    String::from(text.trim_end())
}

/// Patterns are constants of the program: each is compiled once and kept.
static PATTERNS: LazyLock<RwLock<HashMap<&'static str, Regex>>> = LazyLock::new(RwLock::default);

fn is_match(pattern: &'static str, text: &str) -> Result<bool, regex::Error> {
    let known = PATTERNS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = known.get(pattern) {
        return Ok(regex.is_match(text));
    }
    drop(known);
    let regex = Regex::new(pattern)?;
    let matches = regex.is_match(text);
    let mut known = PATTERNS.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(pattern, regex);
    Ok(matches)
}

/// Adds all that is wrong with a value.
pub(crate) fn find_faults(
    table: &'static Table,
    field: &Field,
    value: &dyn DbValue,
    to: &mut Vec<Fault>,
) {
    let fault = |kind, message: String| Fault::new(kind, table.model, Some(field.field), message);
    if value.is_missing() {
        to.push(fault(FaultKind::Null, String::from("is required")));
        return;
    }
    let too_long = field.max_len.filter(|max| {
        let length = value.count();
        length.is_some_and(|length| length > *max as usize)
    });
    let too_long = too_long.map(|max| {
        let message = format!("is longer than {}", counted(max, "character"));
        fault(FaultKind::TooLong, message)
    });
    to.extend(too_long);
    if value.as_text().is_some_and(|text| text.contains('\0')) {
        to.push(fault(FaultKind::Invalid, String::from(NUL)));
    }
    let broken = field.rules.iter().filter_map(|rule| rule.check(value));
    to.extend(broken.map(|message| fault(FaultKind::Invalid, message)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, good: &[&dyn DbValue], bad: &[&dyn DbValue]) {
        for value in good {
            assert_eq!(rule.check(*value), None, "{value:?}");
        }
        for value in bad {
            assert!(rule.check(*value).is_some(), "{value:?}");
        }
    }

    #[test]
    fn rules_let_good_values_through_and_name_bad_ones() {
        let text = String::from;
        let length = Rule::Length {
            min: Some(1),
            max: Some(2),
        };
        check(
            length,
            &[&text("äö"), &vec![1_i32], &None::<String>],
            &[&text(""), &text("abc")],
        );
        let range = Rule::Range {
            min: Some(-1.5),
            max: None,
        };
        check(
            range,
            &[&-1_i32, &9_i64, &Some(0.0_f64)],
            &[&-2_i16, &f64::NAN],
        );
        check(
            Rule::Pattern("^[a-z]+$"),
            &[&text("abc")],
            &[&text("a1"), &text("")],
        );
        check(Rule::Pattern("("), &[], &[&text("a")]);
        check(
            Rule::Email,
            &[&text("a@example.org")],
            &[&text("a@"), &text("nobody")],
        );
        check(
            Rule::Url,
            &[&text("https://example.org/a?b")],
            &[&text("/a"), &text("")],
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_bounds() {
        let said = |min, max| {
            let rule = Rule::Length { min, max };
            let texts = ["", "abc"].map(String::from);
            texts.iter().find_map(|text| rule.check(text)).unwrap()
        };
        assert_eq!(
            said(Some(2), None),
            "must have at least 2 items or characters"
        );
        assert_eq!(
            said(Some(1), None),
            "must have at least 1 item or character"
        );
        assert_eq!(said(None, Some(1)), "must have at most 1 item or character");
        assert_eq!(
            said(Some(1), Some(2)),
            "must have from 1 to 2 items or characters"
        );
    }
}

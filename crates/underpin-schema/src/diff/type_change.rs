//! How values get from one type to another.

use super::side::Side;
use crate::Column;

/// The expression that casts a column, where PostgreSQL would not cast by itself.
///
/// Where it would, nothing is written: its own cast refuses what does not fit, a written one would cut it off.
pub(super) fn using(
    name: &str,
    old: &Column,
    new: &Column,
    (from, to): (&Side<'_>, &Side<'_>),
) -> Option<String> {
    let (old, new) = (old.data_type.as_str(), new.data_type.as_str());
    let is_enum = |side: &Side<'_>, data_type: &str| {
        let element = data_type.strip_suffix("[]").unwrap_or(data_type);
        let mut enums = side.catalog.schema.enums.iter();
        enums.any(|it| it.name.to_string() == element)
    };
    let is_user = |data_type: &str| data_type.contains('.');
    let (family, target) = (Family::of(old), Family::of(new));
    let from_enum = is_enum(from, old) && target != Family::Text;
    let to_enum = is_enum(to, new) && family != Family::Text;
    if from_enum || to_enum || (old == new && is_user(new)) {
        return Some(format!("{name}::text::{new}"));
    }
    let is_assigned = match (family, target) {
        (_, Family::Text) => !old.ends_with("[]") || new.ends_with("[]"),
        (Family::Other, Family::Other) => bare(old) == bare(new),
        (one, other) => one == other,
    };
    (!is_assigned).then(|| format!("{name}::{new}"))
}

/// Is no row written again? What PostgreSQL's own rules allow without looking at a value.
pub(super) fn is_free(old: &Column, new: &Column) -> bool {
    let (old, new) = (old.data_type.as_str(), new.data_type.as_str());
    if old == new {
        return true;
    }
    let length = |data_type: &str| -> Option<u32> {
        let (_, rest) = data_type.split_once('(')?;
        rest.split_once([')', ','])?.0.trim().parse().ok()
    };
    match (bare(old).as_str(), bare(new).as_str()) {
        ("character varying", "text") | ("text", "character varying") | ("cidr", "inet") => {
            bare(new) != "character varying" || length(new).is_none()
        }
        ("character varying", "character varying") | ("bit varying", "bit varying") => {
            match (length(old), length(new)) {
                (_, None) => true,
                (Some(before), Some(now)) => now >= before,
                (None, Some(_)) => false,
            }
        }
        ("numeric", "numeric") => {
            let scale = |it: &str| it.split_once(',').map(|(_, scale)| scale.to_owned());
            length(new).is_none() || (scale(old) == scale(new) && length(new) >= length(old))
        }
        _ => false,
    }
}

/// Types that PostgreSQL casts into each other when a value is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Time,
    Bits,
    Network,
    Other,
}

impl Family {
    fn of(data_type: &str) -> Self {
        if data_type.ends_with("[]") {
            return Self::Other;
        }
        match bare(data_type).as_str() {
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => {
                Self::Number
            }
            "text" | "character varying" | "character" | "name" => Self::Text,
            "date" | "timestamp without time zone" | "timestamp with time zone" => Self::Time,
            "bit" | "bit varying" => Self::Bits,
            "cidr" | "inet" => Self::Network,
            _ => Self::Other,
        }
    }
}

/// A type without its length, precision and scale.
fn bare(data_type: &str) -> String {
    match (data_type.split_once('('), data_type.split_once(')')) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => data_type.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_no_look_at_a_value_is_free() {
        let check = |old: &str, new: &str, expected| {
            let (old, new) = (Column::new("c", old), Column::new("c", new));
            assert_eq!(
                is_free(&old, &new),
                expected,
                "{} to {}",
                old.data_type,
                new.data_type
            );
        };
        check("character varying(10)", "character varying(20)", true);
        check("character varying(20)", "character varying(10)", false);
        check("character varying(20)", "text", true);
        check("text", "character varying(20)", false);
        check("numeric(10,2)", "numeric(12,2)", true);
        check("numeric(10,2)", "numeric(12,3)", false);
        check("integer", "bigint", false);
        check("cidr", "inet", true);
    }
}

//! Which values survive a change of their column's type.

use serde::Serialize;
use std::fmt;
use underpin_schema::{Catalog, Column};

/// Most digits of the integer types.
const DIGITS: [(&str, u32); 3] = [("smallint", 5), ("integer", 10), ("bigint", 19)];

/// Does every value of the old type have one of the new type from which it could be told again?
pub(super) fn survives(old: &Column, new: &Column, (from, to): (&Catalog, &Catalog)) -> bool {
    let (mut old, mut new) = (beneath(from, &old.data_type), beneath(to, &new.data_type));
    while let (Some(one), Some(other)) = (old.strip_suffix("[]"), new.strip_suffix("[]")) {
        (old, new) = (one, other);
    }
    old == new || Type::parse(old).fits(&Type::parse(new))
}

/// What becomes of values that do not fit. A cast that is `written` cuts text and bits off, where PostgreSQL's own refuses them.
pub(super) fn harm(
    old: &Column,
    new: &Column,
    (from, to): (&Catalog, &Catalog),
    written: bool,
) -> Harm {
    let (old, new) = (beneath(from, &old.data_type), beneath(to, &new.data_type));
    let element = |it: &str| Type::parse(it.trim_end_matches("[]"));
    let (old, new) = (element(old), element(new));
    let is_text =
        |it: &Type| matches!(it.name.as_str(), "text" | "character varying" | "character");
    let is_bits = |it: &Type| matches!(it.name.as_str(), "bit" | "bit varying");
    let is_number = |it: &Type| {
        it.is_whole() || matches!(it.name.as_str(), "numeric" | "real" | "double precision")
    };
    let is_time =
        |it: &Type| it.name.starts_with("time") || matches!(it.name.as_str(), "date" | "interval");
    match (&old, &new) {
        (old, new) if (is_text(old) && is_text(new)) || (is_bits(old) && is_bits(new)) => {
            if written { Harm::Loses } else { Harm::Fails }
        }
        (old, new) if is_number(old) && is_number(new) => {
            let is_exact = match (old.scale(), new.scale()) {
                (Some(before), Some(now)) => before <= now,
                _ => false,
            };
            if is_exact { Harm::Fails } else { Harm::Loses }
        }
        (old, new) if is_time(old) && is_time(new) => Harm::Loses,
        (old, new) if is_text(old) && new.name == "json" => Harm::Fails,
        _ => Harm::Either,
    }
}

/// What becomes of values that do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Harm {
    /// They are gone, rounded or cut off.
    Loses,
    /// The statement fails on them, and nothing is changed.
    Fails,
    /// The one or the other, by value.
    Either,
}

impl Harm {
    /// As in "this would lose rows".
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Loses => "lose",
            Self::Fails => "fail on",
            Self::Either => "lose or fail on",
        }
    }
}

/// As in "it loses rows".
impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loses => "loses",
            Self::Fails => "fails on",
            Self::Either => "loses or fails on",
        })
    }
}

/// Of a column of an enum that becomes one of another: the labels that are missing there. None for other columns.
pub(super) fn lost_labels(
    old: &Column,
    new: &Column,
    (from, to): (&Catalog, &Catalog),
) -> Option<Vec<String>> {
    let labels = |catalog: &Catalog, column: &Column| {
        let element = column.data_type.trim_end_matches("[]");
        let mut enums = catalog.schema.enums.iter();
        let found = enums.find(|it| it.name.to_string() == element);
        found.map(|it| it.labels.clone())
    };
    let left = labels(to, new)?;
    let mut lost = labels(from, old)?;
    lost.retain(|it| !left.contains(it));
    Some(lost)
}

/// The type beneath a domain.
fn beneath<'a>(catalog: &'a Catalog, data_type: &'a str) -> &'a str {
    let mut domains = catalog.schema.domains.iter();
    let domain = domains.find(|it| it.name.to_string() == data_type);
    domain.map_or(data_type, |it| beneath(catalog, &it.data_type))
}

/// A type as `format_type` writes it, without and with its modifiers.
struct Type {
    name: String,
    modifiers: Vec<u32>,
}

impl Type {
    fn parse(text: &str) -> Self {
        let (before, rest) = text.split_once('(').unwrap_or((text, ""));
        let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
        let modifiers = inside.split(',').filter_map(|it| it.trim().parse().ok());
        Self {
            name: format!("{before}{after}"),
            modifiers: modifiers.collect(),
        }
    }

    fn is_whole(&self) -> bool {
        DIGITS.iter().any(|it| it.0 == self.name)
    }

    /// How many digits behind the point every value has at most; None when nothing bounds them.
    fn scale(&self) -> Option<u32> {
        match (self.name.as_str(), self.modifiers.as_slice()) {
            ("numeric", [_, scale, ..]) => Some(*scale),
            ("numeric", [_]) => Some(0),
            _ => self.is_whole().then_some(0),
        }
    }

    /// The first modifier of both, when the new one bounds anything.
    fn is_within(&self, new: &Self) -> bool {
        match (self.modifiers.first(), new.modifiers.first()) {
            (_, None) => true,
            (Some(old), Some(new)) => old <= new,
            (None, Some(_)) => false,
        }
    }

    fn fits(&self, new: &Self) -> bool {
        let digits = |name: &str| DIGITS.iter().find(|it| it.0 == name).map(|it| it.1);
        match (self.name.as_str(), new.name.as_str()) {
            (_, "text") => true,
            (_, "character varying") if new.modifiers.is_empty() => true,
            ("character varying" | "character", "character varying")
            | ("bit" | "bit varying", "bit varying")
            | ("character", "character")
            | ("interval", "interval")
            | ("timestamp without time zone", "timestamp without time zone")
            | ("timestamp with time zone", "timestamp with time zone")
            | ("time without time zone", "time without time zone")
            | ("time with time zone", "time with time zone") => self.is_within(new),
            // Each is the other in the session's time zone.
            ("timestamp without time zone", "timestamp with time zone")
            | ("timestamp with time zone", "timestamp without time zone") => self.is_within(new),
            ("date", "timestamp without time zone" | "timestamp with time zone")
            | ("time without time zone", "interval")
            | ("smallint" | "integer", "double precision")
            | ("smallint", "real")
            | ("real", "double precision")
            | ("boolean", "integer")
            | ("cidr", "inet")
            | ("macaddr", "macaddr8")
            | ("json", "jsonb")
            | ("jsonb", "json") => true,
            ("text", name) if name.ends_with(".citext") => true,
            ("numeric", "numeric") => self.fits_numeric(new),
            (old, "numeric") => digits(old).is_some_and(|digits| {
                let whole = Self {
                    name: String::new(),
                    modifiers: vec![digits, 0],
                };
                whole.fits_numeric(new)
            }),
            (old, new) => digits(old)
                .zip(digits(new))
                .is_some_and(|(old, new)| old <= new),
        }
    }

    /// As many digits before the point, and as many behind it?
    fn fits_numeric(&self, new: &Self) -> bool {
        let parts = |it: &Self| {
            let precision = it.modifiers.first()?;
            let scale = it.modifiers.get(1).copied().unwrap_or_default();
            Some((precision.saturating_sub(scale), scale))
        };
        match (parts(self), parts(new)) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((whole, scale)), Some((new_whole, new_scale))) => {
                whole <= new_whole && scale <= new_scale
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_that_refuse_are_told_from_those_that_round() {
        let catalog = Catalog::default();
        let check = |old: &str, new: &str, written, expected| {
            let (old, new) = (Column::new("c", old), Column::new("c", new));
            let found = harm(&old, &new, (&catalog, &catalog), written);
            assert_eq!(found, expected, "{} to {}", old.data_type, new.data_type);
        };
        check("bigint", "integer", false, Harm::Fails);
        check("bigint[]", "integer[]", true, Harm::Fails);
        check("text", "character varying(5)", false, Harm::Fails);
        check("text[]", "character varying(5)[]", true, Harm::Loses);
        check("numeric(10,2)", "numeric(5,2)", false, Harm::Fails);
        check("numeric(10,2)", "numeric(10,1)", false, Harm::Loses);
        check("numeric(9)", "integer", false, Harm::Fails);
        check("numeric", "integer", false, Harm::Loses);
        check("double precision", "real", false, Harm::Loses);
        check("timestamp with time zone", "date", false, Harm::Loses);
        check("text", "json", true, Harm::Fails);
        check("text", "integer", true, Harm::Either);
    }

    #[test]
    fn what_survives_is_told_from_what_does_not() {
        let catalog = Catalog::default();
        let check = |old: &str, new: &str, expected| {
            let (old, new) = (Column::new("c", old), Column::new("c", new));
            let survives = survives(&old, &new, (&catalog, &catalog));
            assert_eq!(survives, expected, "{} to {}", old.data_type, new.data_type);
        };
        for (old, new) in [
            ("integer", "bigint"),
            ("integer", "numeric"),
            ("integer", "numeric(12,2)"),
            ("numeric(10,2)", "numeric(12,3)"),
            ("character varying(10)", "character varying(20)"),
            ("public.mood", "text"),
            ("integer[]", "bigint[]"),
            ("integer[]", "text"),
            ("date", "timestamp with time zone"),
            (
                "timestamp(3) without time zone",
                "timestamp without time zone",
            ),
            ("timestamp without time zone", "timestamp with time zone"),
            ("real", "double precision"),
            ("json", "jsonb"),
        ] {
            check(old, new, true);
        }
        for (old, new) in [
            ("bigint", "integer"),
            ("bigint", "double precision"),
            ("integer", "numeric(10,2)"),
            ("numeric(10,2)", "integer"),
            ("numeric(10,2)", "numeric(10,1)"),
            ("numeric", "numeric(10,2)"),
            ("numeric", "double precision"),
            ("double precision", "real"),
            ("text", "character varying(20)"),
            ("character varying(20)", "character varying(10)"),
            ("timestamp with time zone", "date"),
            (
                "timestamp without time zone",
                "timestamp(3) without time zone",
            ),
            ("timestamp with time zone", "time without time zone"),
            ("text", "integer"),
            ("text", "text[]"),
            ("inet", "cidr"),
        ] {
            check(old, new, false);
        }
    }
}

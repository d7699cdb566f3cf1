//! Types and extensions.

use crate::diff::change::{Change, ChangeKind};
use crate::facts::*;
use crate::{Object, sql};

pub(super) fn extension(from: &Extension, to: &Extension) -> Option<Vec<Change>> {
    let name = quote_identifier(&to.name);
    let object = Object::Extension(to.name.clone());
    let mut changes = Vec::new();
    if from.schema != to.schema {
        let schema = quote_identifier(to.schema.as_deref()?);
        let sql = format!("ALTER EXTENSION {name} SET SCHEMA {schema}");
        changes.push(Change::alter(object.clone(), sql));
    }
    if from.version != to.version {
        if is_older(to.version.as_deref()?, from.version.as_deref()?) {
            return None;
        }
        let version = to.version.as_deref().map(quote_literal);
        let version = version.map_or_else(String::new, |version| format!(" TO {version}"));
        changes.push(Change::alter(
            object,
            format!("ALTER EXTENSION {name} UPDATE{version}"),
        ));
    }
    Some(changes)
}

/// Compares versions part by part; there is hardly ever a way back.
fn is_older(version: &str, than: &str) -> bool {
    let parts = |version: &str| -> Vec<u64> {
        version
            .split('.')
            .map(|part| part.parse().unwrap_or(0))
            .collect()
    };
    parts(version) < parts(than)
}

/// Labels can be added, not taken away nor moved.
pub(super) fn enum_type(from: &EnumType, to: &EnumType) -> Option<Vec<Change>> {
    let kept: Vec<&String> = to
        .labels
        .iter()
        .filter(|it| from.labels.contains(it))
        .collect();
    if !kept.iter().copied().eq(&from.labels) {
        return None;
    }
    let mut present = from.labels.clone();
    let mut changes = Vec::new();
    for (place, label) in to.labels.iter().enumerate() {
        if present.get(place) == Some(label) {
            continue;
        }
        let position = match (place.checked_sub(1), present.get(place)) {
            (_, None) => String::new(),
            (Some(before), _) => format!(" AFTER {}", quote_literal(&to.labels[before])),
            (None, Some(next)) => format!(" BEFORE {}", quote_literal(next)),
        };
        let sql = format!(
            "ALTER TYPE {} ADD VALUE {}{position}",
            to.name,
            quote_literal(label)
        );
        let object = Object::Type(to.name.clone());
        changes.push(Change::new(object, ChangeKind::AddEnumValue, vec![sql]));
        present.insert(place, label.clone());
    }
    Some(changes)
}

/// What a domain is beside its conditions, which are things of their own.
pub(super) fn domain(from: &Domain, to: &Domain) -> Option<Vec<Change>> {
    if from.data_type != to.data_type || from.collation != to.collation {
        return None;
    }
    let mut changes = Vec::new();
    let mut alter = |action: String| {
        let sql = format!("ALTER DOMAIN {} {action}", to.name);
        changes.push(Change::alter(Object::Type(to.name.clone()), sql));
    };
    if from.not_null != to.not_null {
        let verb = if to.not_null { "SET" } else { "DROP" };
        alter(format!("{verb} NOT NULL"));
    }
    Some(changes)
}

/// What columns of a domain have when nothing is said: a part of its own, since it may need a function that is made again.
pub(super) fn domain_default(from: &Domain, to: &Domain) -> Vec<Change> {
    let changed = to.default.as_ref().filter(|_| from.default != to.default);
    let sql = changed.map(|text| format!("ALTER DOMAIN {} SET DEFAULT {text}", to.name));
    let change = sql.map(|sql| Change::alter(Object::Type(to.name.clone()), sql));
    change.into_iter().collect()
}

/// A condition is only validated; another one takes its place.
pub(super) fn domain_check(
    from: &DomainCheck,
    domain: &Domain,
    to: &DomainCheck,
) -> Option<Vec<Change>> {
    if from.expression != to.expression {
        return None;
    }
    match (from.validated, to.validated) {
        (false, true) => {
            let (name, check) = (&domain.name, quote_identifier(&to.name));
            let sql = format!("ALTER DOMAIN {name} VALIDATE CONSTRAINT {check}");
            let part = Part::new(name.clone(), &to.name);
            Some(vec![Change::alter(Object::Constraint(part), sql)])
        }
        (true, false) => None,
        _ => Some(Vec::new()),
    }
}

/// Attributes are added at the end and dropped anywhere.
pub(super) fn composite(from: &Composite, to: &Composite) -> Option<Vec<Change>> {
    let same = |one: &Attribute, other: &Attribute| {
        (&one.name, &one.data_type, &one.collation)
            == (&other.name, &other.data_type, &other.collation)
    };
    let is_kept = |old: &&Attribute| to.attributes.iter().any(|new| same(old, new));
    let kept: Vec<&Attribute> = from.attributes.iter().filter(is_kept).collect();
    if kept.len() > to.attributes.len() || !kept.iter().zip(&to.attributes).all(|(a, b)| same(a, b))
    {
        return None;
    }
    let mut changes = Vec::new();
    let mut alter = |action: String| {
        let sql = format!("ALTER TYPE {} {action}", to.name);
        changes.push(Change::alter(Object::Type(to.name.clone()), sql));
    };
    for attribute in from.attributes.iter().filter(|old| !is_kept(old)) {
        alter(format!(
            "DROP ATTRIBUTE {}",
            quote_identifier(&attribute.name)
        ));
    }
    for attribute in &to.attributes[kept.len()..] {
        let name = quote_identifier(&attribute.name);
        let collation = attribute.collation.as_ref();
        let collation = collation.map_or_else(String::new, |name| format!(" COLLATE {name}"));
        alter(format!(
            "ADD ATTRIBUTE {name} {}{collation}",
            attribute.data_type
        ));
    }
    Some(changes)
}

/// A range cannot be changed, but its multirange type can get another name.
pub(super) fn range(from: &Range, to: &Range) -> Option<Vec<Change>> {
    let (before, now) = (from.multirange_name(), to.multirange_name());
    let renamed = Range {
        multirange: to.multirange.clone(),
        ..from.clone()
    };
    if sql::create_range(&renamed) != sql::create_range(to) || before.schema != now.schema {
        return None;
    }
    let name = quote_identifier(&now.name);
    let rename = (before != now).then(|| format!("ALTER TYPE {before} RENAME TO {name}"));
    let object = Object::Type(to.name.clone());
    let change = rename.map(|sql| Change::alter(object, sql));
    Some(change.into_iter().collect())
}

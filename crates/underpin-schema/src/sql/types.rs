//! Types and collations.

use super::list::joined;
use crate::{
    Attribute, Collation, Composite, Domain, DomainCheck, EnumType, QualifiedName, Range,
    quote_identifier, quote_literal,
};

/// `CREATE TYPE … AS ENUM`.
#[must_use]
pub fn create_enum(enum_type: &EnumType) -> String {
    let labels = joined(enum_type.labels.iter().map(|label| quote_literal(label)));
    format!("CREATE TYPE {} AS ENUM ({labels})", enum_type.name)
}

/// `ALTER DOMAIN … ADD CONSTRAINT`.
#[must_use]
pub fn add_domain_check(domain: &QualifiedName, check: &DomainCheck) -> String {
    let not_valid = if check.validated { "" } else { " NOT VALID" };
    format!(
        "ALTER DOMAIN {domain} ADD {}{not_valid}",
        domain_check(check)
    )
}

fn domain_check(check: &DomainCheck) -> String {
    let DomainCheck {
        name, expression, ..
    } = check;
    format!("CONSTRAINT {} CHECK ({expression})", quote_identifier(name))
}

/// `CREATE DOMAIN` with its conditions, and those that are not validated after it.
#[must_use]
pub fn create_domain(domain: &Domain) -> Vec<String> {
    let mut sql = format!("CREATE DOMAIN {} AS {}", domain.name, domain.data_type);
    if let Some(collation) = &domain.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = &domain.default {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if domain.not_null {
        sql.push_str(" NOT NULL");
    }
    for check in domain.checks.iter().filter(|check| check.validated) {
        sql.push_str(&format!("\n    {}", domain_check(check)));
    }
    let later = domain.checks.iter().filter(|check| !check.validated);
    let later = later.map(|check| add_domain_check(&domain.name, check));
    std::iter::once(sql).chain(later).collect()
}

/// `CREATE TYPE … AS (…)`.
#[must_use]
pub fn create_composite(composite: &Composite) -> String {
    let attributes = composite.attributes.iter().map(|attribute| {
        let Attribute {
            name,
            data_type,
            collation,
            ..
        } = attribute;
        let name = quote_identifier(name);
        match collation {
            Some(collation) => format!("\n    {name} {data_type} COLLATE {collation}"),
            None => format!("\n    {name} {data_type}"),
        }
    });
    let attributes: Vec<String> = attributes.collect();
    format!(
        "CREATE TYPE {} AS ({}\n)",
        composite.name,
        attributes.join(",")
    )
}

/// `CREATE TYPE … AS RANGE`.
#[must_use]
pub fn create_range(range: &Range) -> String {
    let mut options = vec![format!("SUBTYPE = {}", range.subtype)];
    let mut add = |option: &str, name: &Option<QualifiedName>| {
        options.extend(name.iter().map(|name| format!("{option} = {name}")));
    };
    add("SUBTYPE_OPCLASS", &range.operator_class);
    add("COLLATION", &range.collation);
    add("SUBTYPE_DIFF", &range.difference);
    add("MULTIRANGE_TYPE_NAME", &range.multirange);
    format!("CREATE TYPE {} AS RANGE ({})", range.name, joined(options))
}

/// `CREATE COLLATION`.
#[must_use]
pub fn create_collation(collation: &Collation) -> String {
    let options = collation
        .options
        .iter()
        .map(|(name, value)| match name.as_str() {
            "provider" | "deterministic" => format!("{name} = {value}"),
            _ => format!("{name} = {}", quote_literal(value)),
        });
    format!("CREATE COLLATION {} ({})", collation.name, joined(options))
}

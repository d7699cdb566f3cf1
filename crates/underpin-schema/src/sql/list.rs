//! Lists in SQL.

use crate::{Parameters, quote_identifier, quote_literal};

/// Names, quoted where they must be, separated by commas.
#[must_use]
pub fn names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    joined(
        names
            .into_iter()
            .map(|name| quote_identifier(name.as_ref()).into_owned()),
    )
}

/// `fillfactor = 70, toast.autovacuum_enabled = false`.
#[must_use]
pub fn parameters(parameters: &Parameters) -> String {
    joined(parameters.iter().map(|(name, value)| {
        let name = match name.split_once('.') {
            Some((space, name)) => {
                format!("{}.{}", quote_identifier(space), quote_identifier(name))
            }
            None => quote_identifier(name).into_owned(),
        };
        format!("{name} = {}", parameter_value(value))
    }))
}

/// Numbers and harmless words as they are, anything else as a literal.
fn parameter_value(value: &str) -> String {
    let is_number = value.parse::<f64>().is_ok();
    let is_word = ["true", "false", "on", "off", "auto", "local", "cascaded"].contains(&value);
    if is_number || is_word {
        value.to_owned()
    } else {
        quote_literal(value)
    }
}

/// Texts separated by commas.
pub(super) fn joined(texts: impl IntoIterator<Item = impl Into<String>>) -> String {
    let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    texts.join(", ")
}

/// ` WITH (…)`, or nothing.
pub(super) fn with_clause(options: &Parameters) -> String {
    if options.is_empty() {
        String::new()
    } else {
        format!(" WITH ({})", parameters(options))
    }
}

/// ` TABLESPACE …`, or nothing.
pub(super) fn tablespace_clause(tablespace: Option<&str>) -> String {
    let quoted = tablespace.map(quote_identifier);
    quoted.map_or_else(String::new, |name| format!(" TABLESPACE {name}"))
}

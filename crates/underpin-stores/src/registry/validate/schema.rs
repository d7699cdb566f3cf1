//! The published JSON schemas, and their findings in words that a person can act on.

use crate::registry::fault::{Fault, quoted};
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;
use std::sync::LazyLock;
use underpin_core::counted;

/// The id of the current schema.
pub(crate) const CURRENT_ID: &str =
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
const DRAFT_ID: &str = "https://static.modelcontextprotocol.io/schemas/draft/server.schema.json";
const DRAFT_SOURCE_ID: &str = "https://raw.githubusercontent.com/modelcontextprotocol/registry/main/docs/reference/server-json/draft/server.schema.json";
const PREFIX: &str = "https://static.modelcontextprotocol.io/schemas/";
const SUFFIX: &str = "/server.schema.json";
/// The date in [`CURRENT_ID`]; ISO dates sort as text.
const CURRENT_DATE: &str = "2025-12-11";
/// The first schema that was published under a date.
const FIRST_DATE: &str = "2025-07-09";

static CURRENT: LazyLock<Validator> = LazyLock::new(|| {
    compile(
        include_str!("../../../schemas/server.schema.2025-12-11.json"),
        Draft::Draft7,
    )
});
static DRAFT: LazyLock<Validator> = LazyLock::new(|| {
    compile(
        include_str!("../../../schemas/server.schema.draft.json"),
        Draft::Draft202012,
    )
});

fn compile(text: &str, draft: Draft) -> Validator {
    let schema = serde_json::from_str(text).expect("the embedded schema is JSON: a test reads it");
    jsonschema::options()
        .with_draft(draft)
        .should_validate_formats(true)
        .build(&schema)
        .expect("the embedded schema is valid: a test compiles it")
}

/// Which schema a document is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    /// 2025-12-11, also for older documents and those that name none.
    Current,
    /// The draft of the next one.
    Draft,
}

/// Reads `$schema`.
pub(crate) fn edition(document: &Value) -> Result<Edition, Fault> {
    let Some(Value::String(id)) = document.get("$schema") else {
        return Ok(Edition::Current);
    };
    let id = id.trim_end_matches('#');
    if id == DRAFT_ID || id == DRAFT_SOURCE_ID {
        return Ok(Edition::Draft);
    }
    let date = id
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    if date.is_some_and(|date| is_date(date) && (FIRST_DATE..=CURRENT_DATE).contains(&date)) {
        return Ok(Edition::Current);
    }
    Err(Fault::new(
        "/$schema",
        "schema-id",
        format!(
            "{} is not known; use {CURRENT_ID}, one of an older date since {FIRST_DATE}, or {DRAFT_ID}",
            quoted(id)
        ),
    ))
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>()
        .is_ok_and(|date| date.to_string() == text)
}

/// What the schema finds.
pub(crate) fn check(document: &Value, edition: Edition) -> Vec<Fault> {
    let validator = match edition {
        Edition::Current => &CURRENT,
        Edition::Draft => &DRAFT,
    };
    let mut faults = Vec::new();
    for error in validator.iter_errors(document) {
        for fault in explain(&error) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// One finding as faults: alternatives (`anyOf`) are narrowed to the one that was meant.
fn explain(error: &ValidationError<'_>) -> Vec<Fault> {
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(error, context),
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let at = format!("{}/{name}", error.instance_path().as_str());
            vec![Fault::new(at, "required", "is missing")]
        }
        kind => vec![Fault::new(
            error.instance_path().as_str(),
            rule(kind),
            message(error),
        )],
    }
}

/// The alternatives of these schemas are told apart by `type`. When it fits one, only that one's faults count; when it
/// fits none, the values that it may have are the answer.
fn alternatives(error: &ValidationError<'_>, context: &[Vec<ValidationError<'_>>]) -> Vec<Fault> {
    let at = error.instance_path().as_str();
    if !error.instance().is_object() {
        let message = format!("must be an object, not {}", kind_of(error.instance()));
        return vec![Fault::new(at, "type", message)];
    }
    let type_at = format!("{at}/type");
    let is_discriminator = |inner: &ValidationError<'_>| {
        inner.instance_path().as_str() == type_at
            || (inner.instance_path().as_str() == at && is_missing(inner, "type"))
    };
    let (others, meant): (Vec<_>, Vec<_>) = context
        .iter()
        .partition(|branch| branch.iter().any(is_discriminator));
    match meant.as_slice() {
        [] if error.instance().get("type").is_none() => {
            vec![Fault::new(type_at, "required", "is missing")]
        }
        [] => vec![wrong_type(&type_at, error.instance(), &others)],
        [one] => one.iter().flat_map(explain).collect(),
        several => vec![Fault::new(at, "required", needs_one_of(several))],
    }
}

fn is_missing(error: &ValidationError<'_>, name: &str) -> bool {
    matches!(error.kind(), Kind::Required { property } if property == name)
}

fn wrong_type(at: &str, instance: &Value, branches: &[&Vec<ValidationError<'_>>]) -> Fault {
    let mut allowed: Vec<String> = Vec::new();
    for error in branches
        .iter()
        .copied()
        .flatten()
        .filter(|error| error.instance_path().as_str() == at)
    {
        if let Kind::Enum { options } = error.kind() {
            allowed.extend(
                options
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(Value::to_string),
            );
        }
    }
    allowed.dedup();
    let found = instance.get("type").map_or_else(String::new, shown);
    Fault::new(
        at,
        "enum",
        format!("must be one of {}; is {found}", allowed.join(", ")),
    )
}

fn needs_one_of(branches: &[&Vec<ValidationError<'_>>]) -> String {
    let mut needs: Vec<String> = Vec::new();
    for error in branches.iter().copied().flatten() {
        needs.push(match error.kind() {
            Kind::Required { property } => format!("`{}`", property.as_str().unwrap_or_default()),
            _ => message(error),
        });
    }
    needs.dedup();
    format!("needs {}", needs.join(" or "))
}

fn rule(kind: &Kind) -> &'static str {
    match kind {
        Kind::Enum { .. } | Kind::Constant { .. } => "enum",
        Kind::Format { .. } => "format",
        Kind::MaxLength { .. } => "maxLength",
        Kind::MinLength { .. } => "minLength",
        Kind::Pattern { .. } => "pattern",
        Kind::Type { .. } => "type",
        _ => "schema",
    }
}

fn message(error: &ValidationError<'_>) -> String {
    let instance = error.instance().as_ref();
    match error.kind() {
        Kind::MaxLength { limit } => {
            let length = instance.as_str().map_or(0, |text| text.chars().count());
            format!(
                "must have at most {}, has {length}",
                counted(*limit, "character")
            )
        }
        Kind::MinLength { limit: 1 } => "must not be empty".into(),
        Kind::MinLength { limit } => format!("must have at least {}", counted(*limit, "character")),
        Kind::Pattern { pattern } => format!("must match {pattern}; is {}", shown(instance)),
        Kind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(Value::to_string)
                .collect();
            format!(
                "must be one of {}; is {}",
                options.join(", "),
                shown(instance)
            )
        }
        Kind::Format { format } if format == "uri" => {
            format!(
                "must be a URL such as https://example.com; is {}",
                shown(instance)
            )
        }
        Kind::Type {
            kind: TypeKind::Single(expected),
        } => {
            format!(
                "must be {} {expected}, not {}",
                article(&expected.to_string()),
                kind_of(instance)
            )
        }
        _ => error.masked().to_string(),
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| kind_of(value).into(), quoted)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_schemas_compile() {
        assert!(!CURRENT.is_valid(&Value::Null));
        assert!(!DRAFT.is_valid(&Value::Null));
    }
}

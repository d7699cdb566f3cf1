//! Arguments, environment variables and headers of the older format.

use super::{is_blank, shown};
use crate::registry::fault::Fault;
use serde_json::{Map, Value};

/// Renames the fields of inputs, at any depth. The keys of `variables` are names of the user's and stay.
pub(crate) fn inputs(old: &Value, at: &str, notes: &mut Vec<Fault>) -> Value {
    match old {
        Value::Array(entries) => {
            let convert = |(index, entry)| inputs(entry, &format!("{at}/{index}"), notes);
            entries.iter().enumerate().map(convert).collect()
        }
        Value::Object(fields) if at.ends_with("/variables") => {
            let convert = |(name, entry): (&String, &Value)| {
                (name.clone(), inputs(entry, &format!("{at}/{name}"), notes))
            };
            Value::Object(fields.iter().map(convert).collect())
        }
        Value::Object(fields) => Value::Object(input(fields, at, notes)),
        other => other.clone(),
    }
}

fn input(old: &Map<String, Value>, at: &str, notes: &mut Vec<Fault>) -> Map<String, Value> {
    let mut new = Map::new();
    for (name, value) in old.iter().filter(|(_, value)| !value.is_null()) {
        let value = match name.as_str() {
            "variables" => inputs(value, &format!("{at}/variables"), notes),
            // "Booleans should be represented by strings, and numbers as decimal values."
            "value" | "default" if value.is_boolean() || value.is_number() => {
                value.to_string().into()
            }
            "value_hint" if is_blank(value) => continue,
            "format" if !is_format(value) => {
                if !is_blank(value) {
                    let message = format!("{} is no format: left out", shown(value));
                    notes.push(Fault::new(format!("{at}/format"), "input-format", message));
                }
                continue;
            }
            _ => value.clone(),
        };
        new.insert(current_name(name).into(), value);
    }
    new
}

fn is_format(value: &Value) -> bool {
    matches!(
        value.as_str(),
        Some("string" | "number" | "boolean" | "filepath")
    )
}

fn current_name(name: &str) -> &str {
    match name {
        "is_required" => "isRequired",
        "is_secret" => "isSecret",
        "is_repeated" => "isRepeated",
        "value_hint" => "valueHint",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_strings_and_unknown_formats_go() {
        let mut notes = Vec::new();
        let old = json!([{ "name": "-p", "default": 8080, "value": true, "format": "port", "value_hint": "", "x": null }]);
        assert_eq!(
            inputs(&old, "/a", &mut notes),
            json!([{ "name": "-p", "default": "8080", "value": "true" }])
        );
        assert_eq!(notes[0].pointer, "/a/0/format");
    }
}

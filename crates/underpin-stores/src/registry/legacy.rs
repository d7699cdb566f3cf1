//! The older format with names in snake case (2025-05, 2025-07), converted into the current one.
//!
//! Nothing is invented. What the current format requires and the older one implied is filled in (a package without a
//! transport speaks stdio); what is empty is left out; a description that is empty or too long is replaced by the name
//! or cut; an optional part that cannot be made valid is left out. Each of these is a note. A document whose name or
//! version cannot stand is not repaired but refused. The text it was made of is stored beside the result.

mod input;
mod package;

use super::document::Document;
use super::fault::{Fault, quoted};
use super::publish::Official;
use super::validate::CURRENT_ID;
use serde_json::{Map, Value, json};

const DESCRIPTION_CHARS_MAX: usize = 100;

/// A document made of an older one.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) document: Document,
    /// What the older document says about its publication.
    pub(crate) official: Official,
    /// What was repaired or left out.
    pub(crate) notes: Vec<Fault>,
}

/// Is it written in the older format? Its fields have other names there.
pub(crate) fn is_legacy(document: &Value) -> bool {
    let any = |list: &str, names: &[&str]| {
        let entries = document
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        entries
            .into_iter()
            .any(|entry| names.iter().any(|name| entry.get(name).is_some()))
    };
    document.get("version_detail").is_some()
        || any("packages", &["registry_name", "registry_type"])
        || any("remotes", &["transport_type"])
}

/// Converts and checks.
pub(crate) fn convert(old: &Value) -> Result<Converted, Vec<Fault>> {
    let mut notes = Vec::new();
    let mut new = Map::new();
    new.insert("$schema".into(), CURRENT_ID.into());
    copy(old, "name", &mut new);
    if let Some(version) = old
        .pointer("/version_detail/version")
        .or_else(|| old.get("version"))
    {
        new.insert("version".into(), version.clone());
    }
    if let Some(description) = description(old, &mut notes) {
        new.insert("description".into(), description);
    }
    for name in ["title", "icons", "_meta"] {
        copy(old, name, &mut new);
    }
    for name in ["website_url", "websiteUrl"] {
        if let Some(url) = old.get(name).filter(|url| !is_blank(url)) {
            new.insert("websiteUrl".into(), url.clone());
        }
    }
    if let Some(repository) = repository(old, &mut notes) {
        new.insert("repository".into(), repository);
    }
    package::list(old, "packages", package::package, &mut new, &mut notes);
    package::list(old, "remotes", package::remote, &mut new, &mut notes);
    let document = without_invalid_parts(Value::Object(new), &mut notes)?;
    Ok(Converted {
        document,
        official: official(old),
        notes,
    })
}

fn copy(old: &Value, name: &str, new: &mut Map<String, Value>) {
    if let Some(value) = old.get(name).filter(|value| !value.is_null()) {
        new.insert(name.into(), value.clone());
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn description(old: &Value, notes: &mut Vec<Fault>) -> Option<Value> {
    let description = old.get("description").filter(|value| !is_blank(value));
    let Some(description) = description else {
        let substitute = ["title", "name"].into_iter().find_map(|name| {
            let text = old.get(name)?.as_str()?.trim();
            (!text.is_empty()).then(|| (name, cut(text)))
        });
        let (name, text) = substitute?;
        notes.push(Fault::new(
            "/description",
            "description-empty",
            format!("was empty: the {name} stands in"),
        ));
        return Some(text.into());
    };
    match description
        .as_str()
        .map(|text| (text, text.chars().count()))
    {
        Some((text, length)) if length > DESCRIPTION_CHARS_MAX => {
            let message = format!("had {length} characters: cut to {DESCRIPTION_CHARS_MAX}");
            notes.push(Fault::new("/description", "description-long", message));
            Some(cut(text).into())
        }
        _ => Some(description.clone()),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(DESCRIPTION_CHARS_MAX).collect()
}

/// `source` names the host's software; an older document may leave it out where the URL tells.
fn repository(old: &Value, notes: &mut Vec<Fault>) -> Option<Value> {
    let fields = old.get("repository")?.as_object()?;
    let mut repository: Map<String, Value> = fields
        .iter()
        .filter(|(_, value)| !is_blank(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let url = repository.get("url")?.as_str()?;
    if !repository.contains_key("source") {
        let (_, rest) = url.split_once("://").unwrap_or_default();
        let host = ["github", "gitlab"]
            .into_iter()
            .find(|host| rest.starts_with(&format!("{host}.com/")));
        let Some(host) = host else {
            let message = format!(
                "is empty and {} does not tell it: the repository is left out",
                quoted(url)
            );
            notes.push(Fault::new(
                "/repository/source",
                "repository-source",
                message,
            ));
            return None;
        };
        notes.push(Fault::new(
            "/repository/source",
            "repository-source",
            format!("was empty: {host}, by its URL"),
        ));
        repository.insert("source".into(), host.into());
    }
    Some(Value::Object(repository))
}

fn official(old: &Value) -> Official {
    let time = |pointer: &str| old.pointer(pointer)?.as_str()?.parse().ok();
    Official {
        status: old
            .get("status")
            .and_then(Value::as_str)
            .and_then(|status| status.parse().ok()),
        published_at: time("/version_detail/release_date"),
        is_latest: old
            .pointer("/version_detail/is_latest")
            .and_then(Value::as_bool),
        ..Official::default()
    }
}

/// Leaves out optional parts that break a rule. Each round removes at least one part, so it ends.
fn without_invalid_parts(
    mut document: Value,
    notes: &mut Vec<Fault>,
) -> Result<Document, Vec<Fault>> {
    let mut faults = package::nameless(&document);
    if faults.is_empty() {
        match Document::from_value(document.clone()) {
            Ok(document) => return Ok(document),
            Err(found) => faults = found,
        }
    }
    let mut parts: Vec<String> = Vec::new();
    for fault in &faults {
        let Some(part) = optional_part(&fault.pointer) else {
            return Err(faults);
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    notes.extend(faults.into_iter().map(left_out));
    for part in parts {
        // Replaced first, removed together afterwards: positions in a list stay as they were.
        if let Some(value) = document.pointer_mut(&part) {
            *value = Value::Null;
        }
    }
    if let Some(fields) = document.as_object_mut() {
        for list in ["packages", "remotes", "icons"] {
            if let Some(entries) = fields.get_mut(list).and_then(Value::as_array_mut) {
                entries.retain(|entry| !entry.is_null());
            }
        }
        fields.retain(|_, value| !value.is_null() && *value != json!([]));
    }
    without_invalid_parts(document, notes)
}

fn left_out(fault: Fault) -> Fault {
    let message = format!("{}: this part is left out", fault.message);
    Fault::new(fault.pointer, fault.rule, message)
}

/// `/packages/1` for `/packages/1/version`; none for what a document cannot do without.
fn optional_part(pointer: &str) -> Option<String> {
    let mut steps = pointer.split('/').skip(1);
    let first = steps.next()?;
    match first {
        "packages" | "remotes" | "icons" => Some(
            steps
                .next()
                .map_or_else(|| format!("/{first}"), |index| format!("/{first}/{index}")),
        ),
        "title" | "websiteUrl" | "repository" | "_meta" => Some(format!("/{first}")),
        _ => None,
    }
}

/// A text for a message.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Value {
        json!({
            "id": "x",
            "name": "io.github.a/b",
            "description": "Does it",
            "repository": { "url": "https://github.com/a/b", "source": "github", "id": "1" },
            "version_detail": { "version": "0.0.1", "release_date": "2025-05-16T18:56:49Z", "is_latest": true },
        })
    }

    fn rules(converted: &Converted) -> Vec<&str> {
        converted.notes.iter().map(|note| note.rule).collect()
    }

    #[test]
    fn a_clean_document_is_converted_without_notes() {
        let mut old = seed();
        old["packages"] = json!([{
            "registry_name": "npm", "name": "@a/b", "version": "1.0.0", "runtime_hint": "npx",
            "runtime_arguments": [{ "type": "named", "name": "-y" }],
            "package_arguments": [{ "type": "positional", "value_hint": "path", "is_required": true,
                "variables": { "user_name": { "is_secret": true } } }],
            "environment_variables": [{ "name": "KEY", "is_secret": true }]
        }]);
        old["remotes"] =
            json!([{ "transport_type": "streamable", "url": "https://a.example/mcp" }]);
        assert!(is_legacy(&old));
        let converted = convert(&old).unwrap();
        assert_eq!(rules(&converted), [""; 0]);
        assert_eq!(
            *converted.document.value(),
            json!({
                "$schema": CURRENT_ID,
                "name": "io.github.a/b",
                "description": "Does it",
                "version": "0.0.1",
                "repository": { "url": "https://github.com/a/b", "source": "github", "id": "1" },
                "packages": [{
                    "registryType": "npm", "identifier": "@a/b", "version": "1.0.0", "runtimeHint": "npx",
                    "transport": { "type": "stdio" },
                    "runtimeArguments": [{ "type": "named", "name": "-y" }],
                    "packageArguments": [{ "type": "positional", "valueHint": "path", "isRequired": true,
                        "variables": { "user_name": { "isSecret": true } } }],
                    "environmentVariables": [{ "name": "KEY", "isSecret": true }]
                }],
                "remotes": [{ "type": "streamable-http", "url": "https://a.example/mcp" }]
            })
        );
        assert_eq!(converted.official.is_latest, Some(true));
        assert_eq!(
            converted.official.published_at,
            "2025-05-16T18:56:49Z".parse().ok()
        );
    }

    #[test]
    fn descriptions_are_repaired_and_noted() {
        let mut old = seed();
        old["description"] = json!("  ");
        let converted = convert(&old).unwrap();
        assert_eq!(converted.document.description(), "io.github.a/b");
        assert_eq!(rules(&converted), ["description-empty"]);
        old["description"] = json!("é".repeat(150));
        let converted = convert(&old).unwrap();
        assert_eq!(converted.document.description(), "é".repeat(100));
        assert_eq!(rules(&converted), ["description-long"]);
    }

    #[test]
    fn bad_names_and_versions_are_refused() {
        let refused = |pointer: &str, value: Value| {
            let mut old = seed();
            *old.pointer_mut(pointer).unwrap() = value;
            convert(&old).unwrap_err()[0].field.clone()
        };
        assert_eq!(refused("/name", json!("")), "name");
        assert_eq!(refused("/name", json!("bad name")), "name");
        assert_eq!(refused("/name", json!(7)), "name");
        assert_eq!(refused("/version_detail/version", json!("^1.0")), "version");
        assert_eq!(refused("/version_detail/version", json!("")), "version");
    }

    #[test]
    fn parts_that_cannot_be_made_valid_are_left_out() {
        let mut old = seed();
        old["repository"] = json!({ "url": "", "source": "", "id": "" });
        old["packages"] = json!([
            { "registry_name": "npm", "name": "", "version": "1.0.0" },
            { "registry_name": "npm", "name": "good", "version": "" },
            { "registry_name": "npm", "name": "c", "version": "1.x" },
            "no package",
            { "registry_name": "unknown", "name": "d", "version": "latest" },
        ]);
        old["remotes"] =
            json!([{ "transport_type": "carrier-pigeon", "url": "https://a.example" }]);
        let converted = convert(&old).unwrap();
        let value = converted.document.value();
        assert_eq!(
            value["packages"],
            json!([
                { "registryType": "npm", "identifier": "good", "transport": { "type": "stdio" } },
                { "registryType": "unknown", "identifier": "d", "transport": { "type": "stdio" } },
            ])
        );
        assert!(
            value.get("remotes").is_none() && value.get("repository").is_none(),
            "{value}"
        );
        let notes: Vec<String> = converted.notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes.len(), 6, "{notes:#?}");
    }

    #[test]
    fn current_documents_are_not_legacy() {
        assert!(!is_legacy(
            &json!({ "name": "a/b", "version": "1", "packages": [{ "registryType": "npm" }] })
        ));
        assert!(!is_legacy(&json!("x")));
    }
}

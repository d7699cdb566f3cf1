//! Packages and remotes of the older format.

use super::{input, is_blank, shown};
use crate::registry::fault::Fault;
use serde_json::{Map, Value, json};

type Fields = Map<String, Value>;

/// Converts the entries of a list; what is no object stays as it is, for the check to refuse.
pub(crate) fn list(
    old: &Value,
    name: &str,
    each: fn(&Fields, &str, &mut Vec<Fault>) -> Fields,
    new: &mut Fields,
    notes: &mut Vec<Fault>,
) {
    let Some(entries) = old.get(name).and_then(Value::as_array) else {
        return;
    };
    let convert = |(index, entry): (usize, &Value)| match entry {
        Value::Object(fields) => Value::Object(each(fields, &format!("/{name}/{index}"), notes)),
        other => other.clone(),
    };
    let entries: Vec<Value> = entries.iter().enumerate().map(convert).collect();
    if !entries.is_empty() {
        new.insert(name.into(), entries.into());
    }
}

/// A package. Older packages are started as a process; `docker` images are `oci` now.
pub(crate) fn package(old: &Fields, at: &str, notes: &mut Vec<Fault>) -> Fields {
    let mut new = Fields::new();
    if let Some(registry) = first(old, &["registryType", "registry_type", "registry_name"]) {
        let is_docker = registry == "docker";
        new.insert(
            "registryType".into(),
            if is_docker {
                "oci".into()
            } else {
                registry.clone()
            },
        );
    }
    for (name, older) in [
        ("identifier", &["identifier", "name"][..]),
        (
            "registryBaseUrl",
            &["registryBaseUrl", "registry_base_url", "registry_url"],
        ),
        ("fileSha256", &["fileSha256", "file_sha256"]),
        ("runtimeHint", &["runtimeHint", "runtime_hint"]),
    ] {
        if let Some(value) = first(old, older) {
            new.insert(name.into(), value.clone());
        }
    }
    version(old, at, &mut new, notes);
    let transport = old.get("transport").and_then(Value::as_object);
    let transport = transport.map_or_else(
        || json!({ "type": "stdio" }),
        |old| remote(old, at, notes).into(),
    );
    new.insert("transport".into(), transport);
    for (name, older) in [
        ("runtimeArguments", "runtime_arguments"),
        ("packageArguments", "package_arguments"),
        ("environmentVariables", "environment_variables"),
    ] {
        if let Some(inputs) = first(old, &[name, older]) {
            new.insert(
                name.into(),
                input::inputs(inputs, &format!("{at}/{older}"), notes),
            );
        }
    }
    new
}

/// No version and `latest` mean the same to a client, and the current format has no word for the second.
fn version(old: &Fields, at: &str, new: &mut Fields, notes: &mut Vec<Fault>) {
    let at = format!("{at}/version");
    match old.get("version") {
        Some(version) if is_blank(version) => {
            notes.push(Fault::new(
                at,
                "package-version-empty",
                "was empty: left out",
            ));
        }
        Some(version) if version == "latest" => {
            notes.push(Fault::new(at, "version-latest", "was \"latest\": left out"));
        }
        Some(version) => {
            new.insert("version".into(), version.clone());
        }
        None => {}
    }
}

/// A remote, or the transport of a package.
pub(crate) fn remote(old: &Fields, at: &str, notes: &mut Vec<Fault>) -> Fields {
    let mut new = Fields::new();
    if let Some(kind) = first(old, &["type", "transport_type"]) {
        let is_streamable = matches!(
            kind.as_str(),
            Some("streamable" | "streamable_http" | "http")
        );
        new.insert(
            "type".into(),
            if is_streamable {
                "streamable-http".into()
            } else {
                kind.clone()
            },
        );
    }
    if let Some(url) = first(old, &["url"]) {
        new.insert("url".into(), url.clone());
    }
    for name in ["headers", "variables"] {
        if let Some(inputs) = first(old, &[name]) {
            new.insert(
                name.into(),
                input::inputs(inputs, &format!("{at}/{name}"), notes),
            );
        }
    }
    new
}

/// The first of several spellings that is there and not empty.
fn first<'a>(old: &'a Fields, names: &[&str]) -> Option<&'a Value> {
    names
        .iter()
        .filter_map(|name| old.get(*name))
        .find(|value| !is_blank(value))
}

/// Packages that no client could fetch: without an identifier. The schema would let an empty one pass.
pub(crate) fn nameless(document: &Value) -> Vec<Fault> {
    let packages = document
        .get("packages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let is_nameless = |package: &Value| package.is_object() && package.get("identifier").is_none();
    packages
        .enumerate()
        .filter(|(_, package)| is_nameless(package))
        .map(|(index, package)| {
            let registry = package
                .get("registryType")
                .map_or_else(|| "its registry".into(), shown);
            let message = format!("the package has no name in {registry}");
            Fault::new(format!("/packages/{index}/identifier"), "required", message)
        })
        .collect()
}

//! The rules of a `server.json` that its schema only describes in words, or leaves to the registry.

use crate::registry::fault::{Fault, quoted};
use crate::registry::version::{VERSION_CHARS_MAX, is_range};
use serde_json::{Map, Value};

/// The metadata that publishers may add, inside `_meta`.
const PUBLISHER_KEY: &str = "io.modelcontextprotocol.registry/publisher-provided";
/// As JSON without white space, in bytes.
const PUBLISHER_BYTES_MAX: usize = 4096;

/// How long a name may be, in characters.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 3..=200;

/// Can a server have this name? `^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$`, 3 to 200 characters.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let Some((namespace, rest)) = name.split_once('/') else {
        return false;
    };
    NAME_CHARS.contains(&name.len())
        && !namespace.is_empty()
        && namespace.bytes().all(plain)
        && !rest.is_empty()
        && rest.bytes().all(|byte| plain(byte) || byte == b'_')
}

/// What the schema lets pass.
pub(crate) fn check(document: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(fields) = document.as_object() else {
        return faults;
    };
    name(fields, &mut faults);
    version(fields, "", &mut faults);
    list(fields, "packages", package, &mut faults);
    list(fields, "icons", icon, &mut faults);
    if let Some(repository) = fields.get("repository").and_then(Value::as_object) {
        subfolder(repository, &mut faults);
    }
    publisher_metadata(fields, &mut faults);
    nul(document, &mut String::new(), &mut faults);
    faults
}

fn name(fields: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let Some(Value::String(name)) = fields.get("name") else {
        return;
    };
    let length = name.chars().count();
    if name.is_empty() {
        faults.push(Fault::new("/name", "minLength", "must not be empty"));
    } else if !NAME_CHARS.contains(&length) {
        let (least, most) = NAME_CHARS.into_inner();
        let message = format!("must have {least} to {most} characters, has {length}");
        faults.push(Fault::new("/name", "length", message));
    } else if !is_name(name) {
        let message = format!(
            "must be a namespace, one slash and a name, such as io.github.user/weather, of letters, digits, '.', '-' \
             and, after the slash, '_'; is {}",
            quoted(name)
        );
        faults.push(Fault::new("/name", "pattern", message));
    }
}

fn list(
    fields: &Map<String, Value>,
    name: &str,
    each: fn(&Map<String, Value>, &str, &mut Vec<Fault>),
    faults: &mut Vec<Fault>,
) {
    let entries = fields
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for (index, entry) in entries.enumerate() {
        if let Some(entry) = entry.as_object() {
            each(entry, &format!("/{name}/{index}"), faults);
        }
    }
}

fn version(fields: &Map<String, Value>, at: &str, faults: &mut Vec<Fault>) {
    let Some(Value::String(version)) = fields.get("version") else {
        return;
    };
    let at = format!("{at}/version");
    let length = version.chars().count();
    if length == 0 {
        faults.push(Fault::new(at, "minLength", "must not be empty"));
    } else if length > VERSION_CHARS_MAX {
        let message = format!("must have at most {VERSION_CHARS_MAX} characters, has {length}");
        faults.push(Fault::new(at, "maxLength", message));
    } else if version == "latest" {
        faults.push(Fault::new(
            at,
            "version-latest",
            "must name one release, not \"latest\"",
        ));
    } else if is_range(version) {
        let message = format!("must name one release, {} is a range", quoted(version));
        faults.push(Fault::new(at, "version-range", message));
    }
}

fn package(fields: &Map<String, Value>, at: &str, faults: &mut Vec<Fault>) {
    version(fields, at, faults);
    let is_hash = |text: &str| {
        text.len() == 64
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_mcpb = fields
        .get("registryType")
        .is_some_and(|kind| kind == "mcpb");
    let message = match fields.get("fileSha256") {
        None if is_mcpb => "is required for mcpb packages: 64 lower-case hexadecimal digits",
        Some(Value::String(hash)) if !is_hash(hash) => "must be 64 lower-case hexadecimal digits",
        _ => return,
    };
    faults.push(Fault::new(
        format!("{at}/fileSha256"),
        "file-sha256",
        message,
    ));
}

fn icon(fields: &Map<String, Value>, at: &str, faults: &mut Vec<Fault>) {
    let is_https = |src: &str| {
        src.get(..8)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    };
    if let Some(Value::String(src)) = fields.get("src")
        && !is_https(src)
    {
        let message = format!("must be an https:// URL; is {}", quoted(src));
        faults.push(Fault::new(format!("{at}/src"), "icon-https", message));
    }
}

/// A clean relative path: forward slashes, no empty, `.` or `..` step.
fn subfolder(repository: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let Some(Value::String(path)) = repository.get("subfolder") else {
        return;
    };
    let is_clean =
        !path.contains('\\') && path.split('/').all(|step| !matches!(step, "" | "." | ".."));
    if !path.is_empty() && !is_clean {
        let message = format!(
            "must be a clean relative path such as src/server; is {}",
            quoted(path)
        );
        faults.push(Fault::new("/repository/subfolder", "subfolder", message));
    }
}

fn publisher_metadata(fields: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let Some(provided) = fields.get("_meta").and_then(|meta| meta.get(PUBLISHER_KEY)) else {
        return;
    };
    let bytes = provided.to_string().len();
    if bytes > PUBLISHER_BYTES_MAX {
        let message = format!("must have at most {PUBLISHER_BYTES_MAX} bytes as JSON, has {bytes}");
        let at = format!("/_meta/{}", PUBLISHER_KEY.replace('/', "~1"));
        faults.push(Fault::new(at, "publisher-meta-size", message));
    }
}

/// PostgreSQL stores no NUL character, neither in text nor in jsonb. One fault a document is enough.
fn nul(value: &Value, at: &mut String, faults: &mut Vec<Fault>) {
    if faults.last().is_some_and(|fault| fault.rule == "nul") {
        return;
    }
    let has_nul = |text: &str| text.contains('\0');
    let step = |at: &mut String, name: &str, value: &Value, faults: &mut Vec<Fault>| {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        nul(value, at, faults);
        at.truncate(length);
    };
    match value {
        Value::String(text) if has_nul(text) => {
            faults.push(Fault::new(
                at.clone(),
                "nul",
                "must not contain the NUL character",
            ));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                step(at, &index.to_string(), item, faults);
            }
        }
        Value::Object(fields) => {
            if fields.keys().any(|key| has_nul(key)) {
                let message = "a field's name contains the NUL character";
                faults.push(Fault::new(at.clone(), "nul", message));
            }
            for (key, field) in fields {
                step(at, key, field, faults);
            }
        }
        _ => {}
    }
}

//! Is a document a valid `server.json`? The published schemas, and the rules that they only describe in words.

mod rules;
mod schema;

pub use rules::is_name;
pub(crate) use schema::CURRENT_ID;

use crate::registry::fault::Fault;
use serde_json::Value;

/// Everything that is wrong with a `server.json`, in the order of its fields; empty when it is valid.
///
/// Documents of the current schema (2025-12-11), of older ones and without `$schema` are held to the current schema,
/// documents of the draft to the draft. Fields that no schema knows are welcome.
#[must_use]
pub fn validate(document: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let edition = match schema::edition(document) {
        Ok(edition) => edition,
        Err(fault) => {
            faults.push(fault);
            schema::Edition::Current
        }
    };
    faults.extend(schema::check(document, edition));
    for fault in rules::check(document) {
        // The schemas say some of it too, in worse words and only for some editions.
        faults.retain(|known| known.pointer != fault.pointer);
        faults.push(fault);
    }
    faults.sort_by(|a, b| a.pointer.cmp(&b.pointer)); // stable: the rules of one field keep their order
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(document: &Value) -> Vec<String> {
        validate(document).iter().map(ToString::to_string).collect()
    }

    /// A valid document with one field set.
    fn with(pointer: &str, value: Value) -> Value {
        let mut document = json!({
            "name": "com.example/weather",
            "description": "Weather",
            "version": "1.0.0",
        });
        document[pointer] = value;
        document
    }

    fn package(fields: &Value) -> Value {
        let mut package = json!({ "registryType": "npm", "identifier": "@a/b", "transport": { "type": "stdio" } });
        for (key, value) in fields.as_object().unwrap() {
            package[key] = value.clone();
        }
        with("packages", json!([package]))
    }

    #[test]
    fn the_smallest_document_is_valid() {
        assert_eq!(faults(&with("title", json!("Weather"))), [""; 0]);
    }

    #[test]
    fn every_missing_field_is_named() {
        assert_eq!(
            faults(&json!({})),
            [
                "description: is missing (required)",
                "name: is missing (required)",
                "version: is missing (required)"
            ]
        );
        assert_eq!(
            faults(&json!([])),
            ["must be an object, not an array (type)"]
        );
    }

    #[test]
    fn names_have_one_slash_and_a_plain_alphabet() {
        for good in ["a/b", "io.github.user/weather", "A-1.b/c_d.e-f"] {
            assert_eq!(faults(&with("name", json!(good))), [""; 0], "{good}");
        }
        let long = format!("a/{}", "b".repeat(199));
        for bad in [
            "", "a", "bad name", "a/b/c", "a/", "/b", "a_b/c", "a/b\n", "a/é", &long,
        ] {
            let found = validate(&with("name", json!(bad)));
            assert_eq!(found.len(), 1, "{bad:?}: {found:?}");
            assert_eq!(found[0].field, "name");
        }
    }

    #[test]
    fn descriptions_have_1_to_100_characters() {
        assert_eq!(
            faults(&with("description", json!("é".repeat(100)))),
            [""; 0]
        );
        assert_eq!(
            faults(&with("description", json!("é".repeat(101)))),
            ["description: must have at most 100 characters, has 101 (maxLength)"]
        );
        assert_eq!(
            faults(&with("description", json!(""))),
            ["description: must not be empty (minLength)"]
        );
    }

    #[test]
    fn versions_name_one_release() {
        for good in ["1.0.0", "v1.0", "2025-06-18", "1.0.0+20130313144700"] {
            assert_eq!(faults(&with("version", json!(good))), [""; 0], "{good}");
        }
        let long = "1".repeat(256);
        for (bad, rule) in [
            ("^1.2.3", "version-range"),
            ("latest", "version-latest"),
            ("", "minLength"),
            (&long, "maxLength"),
        ] {
            let found = validate(&with("version", json!(bad)));
            assert_eq!(found.len(), 1, "{bad:?}: {found:?}");
            assert_eq!(found[0].rule, rule);
        }
    }

    #[test]
    fn package_rules_hold() {
        let sha = "a".repeat(64);
        for good in [
            json!({ "version": "1.0.0" }),
            json!({ "fileSha256": sha }),
            json!({ "registryType": "mcpb", "fileSha256": sha }),
            json!({ "packageArguments": [{ "type": "positional", "value": "x" }, { "type": "named", "name": "-x" }] }),
            json!({ "transport": { "type": "streamable-http", "url": "http://localhost:{port}/mcp" } }),
        ] {
            assert_eq!(faults(&package(&good)), [""; 0], "{good}");
        }
        let check =
            |bad: Value, expected: &str| assert_eq!(faults(&package(&bad)), [expected], "{bad}");
        check(
            json!({ "version": "latest" }),
            "packages[0].version: must name one release, not \"latest\" (version-latest)",
        );
        check(
            json!({ "version": ">=1" }),
            "packages[0].version: must name one release, \">=1\" is a range (version-range)",
        );
        check(
            json!({ "registryType": "mcpb" }),
            "packages[0].fileSha256: is required for mcpb packages: 64 lower-case hexadecimal digits (file-sha256)",
        );
        check(
            json!({ "fileSha256": "A".repeat(64) }),
            "packages[0].fileSha256: must be 64 lower-case hexadecimal digits (file-sha256)",
        );
        check(
            json!({ "packageArguments": [{ "type": "positional", "description": "x" }] }),
            "packages[0].packageArguments[0]: needs `valueHint` or `value` (required)",
        );
        check(
            json!({ "packageArguments": [{ "type": "option", "name": "x" }] }),
            "packages[0].packageArguments[0].type: must be one of \"positional\", \"named\"; is \"option\" (enum)",
        );
        check(
            json!({ "packageArguments": [{ "type": "named" }] }),
            "packages[0].packageArguments[0].name: is missing (required)",
        );
        check(
            json!({ "transport": { "type": "sse" } }),
            "packages[0].transport.url: is missing (required)",
        );
        check(
            json!({ "transport": null }),
            "packages[0].transport: must be an object, not null (type)",
        );
    }

    #[test]
    fn remotes_speak_http() {
        let remote = |remote: Value| faults(&with("remotes", json!([remote])));
        assert_eq!(
            remote(json!({ "type": "sse", "url": "https://example.com/sse" })),
            [""; 0]
        );
        assert_eq!(
            remote(json!({ "type": "websocket", "url": "wss://example.com/mcp" })),
            [
                "remotes[0].type: must be one of \"streamable-http\", \"sse\"; is \"websocket\" (enum)"
            ]
        );
        assert_eq!(
            remote(json!({ "url": "https://example.com" })),
            ["remotes[0].type: is missing (required)"]
        );
        assert_eq!(
            remote(json!({ "type": "sse", "url": "ftp://example.com" })).len(),
            1
        );
    }

    #[test]
    fn url_templates_may_begin_with_a_variable_in_the_draft_only() {
        let mut document = with("remotes", json!([{ "type": "sse", "url": "{base}/sse" }]));
        assert_eq!(validate(&document).len(), 1);
        document["$schema"] = json!(
            "https://raw.githubusercontent.com/modelcontextprotocol/registry/main/docs/reference/server-json/draft/server.schema.json"
        );
        assert_eq!(faults(&document), [""; 0]);
    }

    #[test]
    fn older_schemas_are_accepted_and_unknown_ones_named() {
        let id = |date: &str| {
            json!(format!(
                "https://static.modelcontextprotocol.io/schemas/{date}/server.schema.json"
            ))
        };
        for good in [
            "2025-07-09",
            "2025-09-29",
            "2025-10-17",
            "2025-12-11",
            "draft",
        ] {
            assert_eq!(faults(&with("$schema", id(good))), [""; 0], "{good}");
        }
        for bad in [
            id("2099-01-01"),
            id("newest"),
            json!("https://example.com/mine.json"),
            json!(7),
        ] {
            let found = validate(&with("$schema", bad.clone()));
            assert_eq!(found.len(), 1, "{bad}: {found:?}");
            assert_eq!(found[0].pointer, "/$schema");
        }
    }

    #[test]
    fn publisher_metadata_is_bounded() {
        let meta = |text: &str| json!({ "io.modelcontextprotocol.registry/publisher-provided": { "a": text } });
        // {"a":""} has 8 bytes.
        assert_eq!(faults(&with("_meta", meta(&"x".repeat(4088)))), [""; 0]);
        let found = validate(&with("_meta", meta(&"x".repeat(4089))));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].rule, "publisher-meta-size");
        assert_eq!(
            found[0].pointer,
            "/_meta/io.modelcontextprotocol.registry~1publisher-provided"
        );
    }

    #[test]
    fn icons_are_https_and_subfolders_clean() {
        let icons = |src: &str| validate(&with("icons", json!([{ "src": src }]))).len();
        assert_eq!(icons("https://example.com/icon.png"), 0);
        assert_eq!(icons("http://example.com/icon.png"), 1);
        assert_eq!(icons("data:image/png;base64,AAAA"), 1);
        let subfolder = |path: &str| {
            let repository =
                json!({ "url": "https://github.com/a/b", "source": "github", "subfolder": path });
            validate(&with("repository", repository)).len()
        };
        assert_eq!(subfolder("src/everything"), 0);
        for bad in ["/src", "../src", "src/../..", "src//x", "src\\x"] {
            assert_eq!(subfolder(bad), 1, "{bad}");
        }
    }

    #[test]
    fn nul_characters_are_refused_wherever_they_hide() {
        assert_eq!(
            validate(&with("x", json!({ "a": ["b\0"] })))[0].pointer,
            "/x/a/0"
        );
        assert_eq!(validate(&with("x", json!({ "k\0": 1 })))[0].rule, "nul");
    }

    #[test]
    fn unknown_fields_are_welcome() {
        assert_eq!(faults(&with("x-ours", json!({ "a": 1 }))), [""; 0]);
    }
}

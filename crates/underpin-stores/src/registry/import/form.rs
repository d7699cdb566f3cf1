//! What a file holds: one document, a list of them, or a list with what a registry says about each.

use crate::registry::document::malformed;
use crate::registry::fault::Fault;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Documents in one file at most.
const ENTRIES_MAX: usize = 200_000;

/// A document in its file.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// The document's own text.
    pub(crate) text: &'a str,
    /// The text of the `_meta` beside it, in a registry's answer.
    pub(crate) meta: Option<&'a str>,
    /// Its place in a list, from 0.
    pub(crate) index: Option<usize>,
    /// The line it begins on, from 1.
    pub(crate) line: usize,
    /// The element of the list, with what stands around the document.
    pub(crate) whole: &'a str,
    /// What is wrong around the document.
    pub(crate) fault: Option<Fault>,
}

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    /// The file is one page of a registry's list: where the next one begins.
    pub(crate) next_cursor: Option<String>,
}

/// Finds the documents of a file.
///
/// A list is an array, or the `servers` of a registry's answer; an entry of a list is a document, or `{server, _meta}`.
pub(crate) fn find(text: &str) -> Result<Found<'_>, Fault> {
    let fault = |error: serde_json::Error| Fault::new("", "json", malformed(&error));
    let top: &RawValue = serde_json::from_str(text).map_err(fault)?;
    let mut found = Vec::new();
    let mut next_cursor = None;
    match top.get().as_bytes().first() {
        Some(b'[') => list(top, &mut found).map_err(fault)?,
        Some(b'{') => {
            let fields = fields(top).unwrap_or_default();
            match fields.servers {
                Some(servers) if servers.get().starts_with('[') && !fields.is_document => {
                    if let Some(fault) = fields.twice() {
                        return Err(fault);
                    }
                    list(servers, &mut found).map_err(fault)?;
                    next_cursor = fields.metadata.and_then(cursor);
                }
                _ => found.push(entry(top, &fields, None)),
            }
        }
        _ => {
            let message = "expected a server.json, an array of them, or a registry's answer {\"servers\": […]}";
            return Err(Fault::new("", "form", message));
        }
    }
    number_lines(text, &mut found);
    Ok(Found {
        entries: found,
        next_cursor,
    })
}

/// The cursor in the `metadata` of a registry's answer; older registries spell it with an underscore.
fn cursor(metadata: &RawValue) -> Option<String> {
    let metadata: serde_json::Value = serde_json::from_str(metadata.get()).ok()?;
    let mut cursors = ["nextCursor", "next_cursor"].into_iter();
    let cursor = cursors.find_map(|name| metadata.get(name)?.as_str())?;
    (!cursor.is_empty()).then(|| cursor.to_owned())
}

fn list<'a>(list: &'a RawValue, found: &mut Vec<Entry<'a>>) -> serde_json::Result<()> {
    let Elements(elements) = serde_json::from_str(list.get())?;
    for (index, element) in elements.into_iter().enumerate() {
        // An element that is no object, or has a key that is no text, is left to the check of the document, which says so.
        let fields = fields(element).unwrap_or_default();
        found.push(entry(element, &fields, Some(index)));
    }
    Ok(())
}

fn entry<'a>(whole: &'a RawValue, fields: &Fields<'a>, index: Option<usize>) -> Entry<'a> {
    match fields.server {
        Some(server) if server.get().starts_with('{') && !fields.is_document => Entry {
            text: server.get(),
            meta: fields.meta.map(RawValue::get),
            index,
            line: 1,
            whole: whole.get(),
            fault: fields.twice(),
        },
        _ => Entry {
            text: whole.get(),
            meta: None,
            index,
            line: 1,
            whole: whole.get(),
            fault: None,
        },
    }
}

/// Counts the lines once for all entries, which are in the order of the text.
fn number_lines(text: &str, entries: &mut [Entry<'_>]) {
    let (mut at, mut line) = (0, 1);
    for entry in entries {
        let start = (entry.text.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let passed = text.as_bytes().get(at..start).unwrap_or_default();
        line += passed.iter().filter(|byte| **byte == b'\n').count();
        entry.line = line;
        at = start;
    }
}

/// The fields of an object that tell its form.
#[derive(Default)]
struct Fields<'a> {
    servers: Option<&'a RawValue>,
    server: Option<&'a RawValue>,
    meta: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    /// It has a name or a version of its own.
    is_document: bool,
    /// One of these that appears twice.
    twice: Option<&'static str>,
}

impl<'a> Fields<'a> {
    fn twice(&self) -> Option<Fault> {
        let name = self.twice?;
        let message = format!("the key \"{name}\" appears twice; readers may take either");
        Some(Fault::new(format!("/{name}"), "duplicate-key", message))
    }

    fn set(&mut self, key: &str, value: &'a RawValue) {
        let (name, field) = match key {
            "servers" => ("servers", &mut self.servers),
            "server" => ("server", &mut self.server),
            "_meta" => ("_meta", &mut self.meta),
            "metadata" => ("metadata", &mut self.metadata),
            _ => {
                self.is_document |= matches!(key, "name" | "version" | "version_detail");
                return;
            }
        };
        if field.replace(value).is_some() {
            self.twice = Some(name);
        }
    }
}

fn fields(object: &RawValue) -> serde_json::Result<Fields<'_>> {
    serde_json::from_str(object.get())
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    fields.set(&key, value);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The elements of an array, not parsed.
struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Elements<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element::<&'de RawValue>()? {
                    if elements.len() == ENTRIES_MAX {
                        return Err(A::Error::custom(format!(
                            "a file may list {ENTRIES_MAX} documents; split it"
                        )));
                    }
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
        }
        deserializer.deserialize_seq(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Option<&str>, Option<usize>, usize)]) {
        let found = find(text).unwrap();
        let found: Vec<_> = found
            .entries
            .iter()
            .map(|entry| (entry.text, entry.meta, entry.index, entry.line))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_form_is_recognised() {
        check("\n {\"name\": 1}\n", &[("{\"name\": 1}", None, None, 2)]);
        check("{}", &[("{}", None, None, 1)]);
        check("[]", &[]);
        check(
            "[{\"name\":1},\n\n7]",
            &[("{\"name\":1}", None, Some(0), 1), ("7", None, Some(1), 3)],
        );
        check(
            "{\"servers\":\n[ {\"_meta\":{ },\"server\":{\"a\":1}} ]}",
            &[("{\"a\":1}", Some("{ }"), Some(0), 2)],
        );
        check("{\"server\":{\"a\":1}}", &[("{\"a\":1}", None, None, 1)]);
        // The 2025-05 registry listed bare documents.
        check(
            "{\"servers\":[{\"name\":1}]}",
            &[("{\"name\":1}", None, Some(0), 1)],
        );
        // A document may have fields of these names.
        check(
            "{\"name\":1,\"server\":{}}",
            &[("{\"name\":1,\"server\":{}}", None, None, 1)],
        );
    }

    #[test]
    fn a_key_around_documents_that_appears_twice_is_a_fault_of_what_it_is_around() {
        let found = find(r#"[{"server":{"a":1},"server":{"a":2}},{"server":{"a":3}}]"#).unwrap();
        let faults: Vec<_> = found
            .entries
            .iter()
            .map(|entry| entry.fault.as_ref().map(|fault| fault.pointer.as_str()))
            .collect();
        assert_eq!(faults, [Some("/server"), None]);
        let fault = find(r#"{"servers":[],"servers":[]}"#).unwrap_err();
        assert_eq!(
            (fault.rule, fault.pointer.as_str()),
            ("duplicate-key", "/servers")
        );
    }

    #[test]
    fn a_key_that_is_no_text_is_left_to_the_check_of_its_document() {
        check(
            r#"[{"\ud800":1},{"a":1}]"#,
            &[
                (r#"{"\ud800":1}"#, None, Some(0), 1),
                (r#"{"a":1}"#, None, Some(1), 1),
            ],
        );
    }

    #[test]
    fn a_page_of_a_list_tells_where_the_next_one_begins() {
        let check = |metadata: &str, expected: Option<&str>| {
            let text = format!(r#"{{"servers":[],"metadata":{metadata}}}"#);
            assert_eq!(
                find(&text).unwrap().next_cursor.as_deref(),
                expected,
                "{text}"
            );
        };
        check(r#"{"count":1,"nextCursor":"abc"}"#, Some("abc"));
        check(r#"{"next_cursor":"abc"}"#, Some("abc"));
        for last in [r#"{"nextCursor":""}"#, r#"{"nextCursor":null}"#, "{}", "7"] {
            check(last, None);
        }
    }

    #[test]
    fn what_is_no_form_says_what_is_expected() {
        let fault = |text: &str| find(text).unwrap_err();
        assert_eq!(fault("7").rule, "form");
        assert_eq!(
            fault("").message,
            "malformed JSON at line 1 column 0: EOF while parsing a value"
        );
        assert_eq!(
            fault("[{},\n x]").message,
            "malformed JSON at line 2 column 2: expected value"
        );
        assert_eq!(
            fault("{} {}").message,
            "malformed JSON at line 1 column 4: trailing characters"
        );
    }

    #[test]
    fn a_deeply_nested_file_does_not_exhaust_the_stack() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(find(&deep).unwrap().entries.len(), 1);
    }

    #[test]
    fn a_list_without_end_is_bounded() {
        let long = format!("[{}0]", "0,".repeat(ENTRIES_MAX));
        assert!(find(&long).unwrap_err().message.contains("split it"));
    }
}

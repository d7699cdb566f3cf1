//! A `server.json`: its exact text beside what it says.

use super::canonical::content_hash;
use super::fault::Fault;
use super::strict;
use super::validate::validate;
use serde_json::Value;

/// The largest document, in bytes. Published ones have about two thousand.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// A valid `server.json`, exactly as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    text: String,
    value: Value,
    hash: [u8; 32],
}

impl Document {
    /// Reads and checks a document. Key order, white space and unknown fields are kept.
    ///
    /// What readers of the text may disagree about is a fault: a key that appears twice, a number beyond all measure.
    ///
    /// # Errors
    /// Everything that is wrong with it, at least one fault.
    ///
    /// # Example
    /// ```
    /// use underpin_stores::registry::Document;
    ///
    /// let document = Document::parse(r#"{"name":"com.example/weather","description":"Weather","version":"1.0.0"}"#);
    /// assert_eq!(document.unwrap().name(), "com.example/weather");
    ///
    /// let faults = Document::parse(r#"{"name":"weather"}"#).unwrap_err();
    /// assert_eq!(faults[0].to_string(), "description: is missing (required)");
    /// ```
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let text = text.trim();
        let value = parse_json(text).map_err(|fault| vec![fault])?;
        if let Err(fault) = strict::check(text) {
            let mut faults = validate(&value);
            faults.retain(|known| known.pointer != fault.pointer);
            faults.push(fault);
            faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
            return Err(faults);
        }
        Self::from_parts(text.to_owned(), value)
    }

    /// A document made by us, of a value: the older format converted.
    pub(crate) fn from_value(value: Value) -> Result<Self, Vec<Fault>> {
        Self::from_parts(format!("{value:#}"), value)
    }

    fn from_parts(text: String, value: Value) -> Result<Self, Vec<Fault>> {
        let faults = validate(&value);
        if !faults.is_empty() {
            return Err(faults);
        }
        let hash = content_hash(&value);
        Ok(Self { text, value, hash })
    }

    /// The server's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.field("name").unwrap_or_default()
    }

    /// The server's version.
    #[must_use]
    pub fn version(&self) -> &str {
        self.field("version").unwrap_or_default()
    }

    /// The title, when there is one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.field("title")
    }

    /// The description.
    #[must_use]
    pub fn description(&self) -> &str {
        self.field("description").unwrap_or_default()
    }

    /// The document as published.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document as a value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// SHA-256 of its content; layout does not matter.
    pub(crate) fn hash(&self) -> [u8; 32] {
        self.hash
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.value.get(name)?.as_str()
    }
}

/// Parses JSON of bounded size.
pub(crate) fn parse_json(text: &str) -> Result<Value, Fault> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!(
            "a document has at most {DOCUMENT_BYTES_MAX} bytes, this one {}",
            text.len()
        );
        return Err(Fault::new("", "size", message));
    }
    serde_json::from_str(text).map_err(|error| Fault::new("", "json", malformed(&error)))
}

/// `malformed JSON at line 3 column 5: expected value`.
pub(crate) fn malformed(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let text = text.strip_suffix(&place).unwrap_or(&text);
    format!("malformed JSON{place}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_kept_to_the_byte() {
        let text = "{ \"version\" : \"1.0.0\",\n\t\"x\": 1.50, \"name\":\"a/b\", \"description\":\"caf\\u00e9\" }";
        let document = Document::parse(&format!("\n{text}\n")).unwrap();
        assert_eq!(document.text(), text);
        assert_eq!(document.description(), "café");
    }

    #[test]
    fn malformed_json_says_where() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Document::parse(text).unwrap_err()[0].message, expected);
        };
        check(
            "{\n  \"name\": \n}",
            "malformed JSON at line 3 column 1: expected value",
        );
        check(
            "",
            "malformed JSON at line 1 column 0: EOF while parsing a value",
        );
        check(
            r#"{"a":1e999}"#,
            "malformed JSON at line 1 column 10: number out of range",
        );
        check(
            r#"{"a":"\ud800"}"#,
            "malformed JSON at line 1 column 13: unexpected end of hex escape",
        );
    }

    #[test]
    fn what_readers_may_disagree_about_is_refused_by_rule_and_place() {
        let check = |extra: &str, rule: &str, pointer: &str| {
            let text = format!(r#"{{"name":"a/b","description":"x","version":"1.0.0",{extra}}}"#);
            let faults = Document::parse(&text).unwrap_err();
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert_eq!(
                (faults[0].rule, faults[0].pointer.as_str()),
                (rule, pointer)
            );
        };
        check(r#""version":"2.0.0""#, "duplicate-key", "/version");
        check(r#""k":"a\u0000","k":"c""#, "nul", "/k");
        check(r#""k":1e-20000"#, "number", "/k");
    }

    #[test]
    fn an_oversized_document_is_not_parsed() {
        let fault = &Document::parse(&"[".repeat(DOCUMENT_BYTES_MAX + 1)).unwrap_err()[0];
        assert_eq!(fault.rule, "size");
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert_eq!(
            Document::parse(&"[".repeat(100_000)).unwrap_err()[0].rule,
            "json"
        );
    }
}

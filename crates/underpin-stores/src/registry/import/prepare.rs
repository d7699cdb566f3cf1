//! From a document's text to a submission: parsed, converted where it is old, checked.

use super::form::{self, Entry};
use super::report::{Problem, Verdict};
use super::source::Source;
use crate::registry::canonical::content_hash;
use crate::registry::document::{Document, parse_json};
use crate::registry::duplicates::duplicate_key;
use crate::registry::fault::{Fault, quoted};
use crate::registry::legacy;
use crate::registry::publish::{Official, Original, Submission};
use crate::registry::server::Status;
use serde_json::Value;

const OFFICIAL_KEY: &str = "io.modelcontextprotocol.registry/official";
const STATUS_MESSAGE_CHARS_MAX: usize = 500;

/// A valid document, ready to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) submission: Submission,
    /// What there is to say when it is stored.
    pub(crate) remark: Option<Problem>,
    pub(crate) place: Place,
}

/// Where a document was found.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) index: Option<usize>,
    pub(crate) line: Option<usize>,
}

impl Place {
    pub(crate) fn problem(
        &self,
        document: Option<(&str, &str)>,
        verdict: Verdict,
        faults: Vec<Fault>,
    ) -> Problem {
        let Self { file, index, line } = self.clone();
        let (name, version) = document.unzip();
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Problem {
            file,
            index,
            line,
            name: name.and_then(text),
            version: version.and_then(text),
            verdict,
            faults,
        }
    }
}

/// The documents of a source, each ready or refused.
pub(crate) fn prepare(source: &Source) -> Vec<Result<Candidate, Box<Problem>>> {
    let file = Place {
        file: source.name.clone(),
        index: None,
        line: None,
    };
    let entries = source
        .text
        .as_deref()
        .map_err(Clone::clone)
        .and_then(form::entries);
    match entries {
        Ok(entries) => entries
            .iter()
            .map(|entry| one(entry, &source.name))
            .collect(),
        Err(fault) => vec![Err(Box::new(file.problem(
            None,
            Verdict::Rejected,
            vec![fault],
        )))],
    }
}

fn one(entry: &Entry<'_>, file: &str) -> Result<Candidate, Box<Problem>> {
    let place = Place {
        file: file.to_owned(),
        index: entry.index,
        line: Some(entry.line),
    };
    let refuse = |names: Option<(&str, &str)>, faults| {
        Box::new(place.problem(names, Verdict::Rejected, faults))
    };
    let value = parse_json(entry.text).map_err(|fault| refuse(None, vec![fault]))?;
    let names = names(&value);
    let names = Some((names.0.as_str(), names.1.as_str()));
    let mut official = entry
        .meta
        .map_or(Ok(Official::default()), official)
        .map_err(|faults| refuse(names, faults))?;
    let submission_and_remark = if legacy::is_legacy(&value) {
        let converted = legacy::convert(&value).map_err(|faults| refuse(names, faults))?;
        if official == Official::default() {
            official = converted.official;
        }
        let original = Original {
            text: entry.text.to_owned(),
            hash: content_hash(&value),
        };
        let remark = (!converted.notes.is_empty())
            .then(|| place.problem(names, Verdict::Repaired, converted.notes));
        (
            Submission {
                document: converted.document,
                original: Some(original),
                official,
            },
            remark,
        )
    } else {
        let document = Document::parse(entry.text).map_err(|faults| refuse(names, faults))?;
        let remark = duplicate_key(entry.text)
            .map(|fault| place.problem(names, Verdict::Noted, vec![fault]));
        (
            Submission {
                document,
                original: None,
                official,
            },
            remark,
        )
    };
    let (submission, remark) = submission_and_remark;
    Ok(Candidate {
        submission,
        remark,
        place,
    })
}

/// Name and version of a document, as far as they can be read, to report it by.
fn names(value: &Value) -> (String, String) {
    const SHOWN_CHARS_MAX: usize = 200;
    let text = |value: Option<&Value>| {
        value
            .and_then(Value::as_str)
            .unwrap_or_default()
            .chars()
            .take(SHOWN_CHARS_MAX)
            .collect()
    };
    let version = value
        .get("version")
        .or_else(|| value.pointer("/version_detail/version"));
    (text(value.get("name")), text(version))
}

/// What the registry that listed a document says about it. A wrong status is refused, not guessed: a deleted server
/// must not come back as an active one.
fn official(meta: &str) -> Result<Official, Vec<Fault>> {
    let meta = parse_json(meta).map_err(|fault| vec![fault])?;
    let Some(fields) = meta.get(OFFICIAL_KEY).filter(|value| !value.is_null()) else {
        return Ok(Official::default());
    };
    let mut faults = Vec::new();
    let mut fault = |name: &str, rule, message: String| {
        let pointer = format!("/_meta/{}/{name}", OFFICIAL_KEY.replace('/', "~1"));
        faults.push(Fault::new(pointer, rule, message));
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let mut status = None;
    if let Some(value) = fields.get("status").filter(|value| !value.is_null()) {
        status = value.as_str().and_then(|text| text.parse::<Status>().ok());
        if status.is_none() {
            let shown = value.as_str().map_or_else(|| value.to_string(), quoted);
            fault(
                "status",
                "enum",
                format!("must be active, deprecated or deleted; is {shown}"),
            );
        }
    }
    let status_message = text("statusMessage").filter(|text| !text.is_empty());
    if status_message
        .is_some_and(|text| text.chars().count() > STATUS_MESSAGE_CHARS_MAX || text.contains('\0'))
    {
        let message = format!("must have at most {STATUS_MESSAGE_CHARS_MAX} characters and no NUL");
        fault("statusMessage", "maxLength", message);
    }
    let mut time = |name: &str| {
        let text = text(name)?;
        let time = text.parse().ok();
        if time.is_none() {
            fault(
                name,
                "date-time",
                format!(
                    "must be a time such as 2026-01-01T00:00:00Z; is {}",
                    quoted(text)
                ),
            );
        }
        time
    };
    let (published_at, status_changed_at) = (time("publishedAt"), time("statusChangedAt"));
    let official = Official {
        status,
        status_message: status_message.map(String::from),
        status_changed_at,
        published_at,
        is_latest: fields.get("isLatest").and_then(Value::as_bool),
    };
    if faults.is_empty() {
        Ok(official)
    } else {
        Err(faults)
    }
}

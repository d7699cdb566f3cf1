//! From a document's text to a submission: parsed, converted where it is old, checked.

use super::form::{self, Entry, Found};
use super::report::{Problem, Verdict};
use super::source::{Broken, Source};
use crate::registry::canonical::content_hash;
use crate::registry::document::{Document, parse_json};
use crate::registry::fault::{Fault, quoted};
use crate::registry::legacy;
use crate::registry::publish::{Official, Original, Submission};
use crate::registry::server::Status;
use crate::registry::strict;
use jiff::Timestamp;
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

/// What a source holds.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Its documents, each ready or refused.
    pub(crate) documents: Vec<Result<Candidate, Box<Problem>>>,
    /// What there is to say about the source as a whole.
    pub(crate) note: Option<Problem>,
}

/// Looks at each document of a source by itself: none is refused for what is wrong with another.
pub(crate) fn prepare(source: &Source) -> Prepared {
    let file = Place {
        file: source.name.clone(),
        index: None,
        line: None,
    };
    let found = source
        .text
        .as_deref()
        .map_err(Clone::clone)
        .and_then(|text| find(source, text));
    match found {
        Ok(Found {
            entries,
            next_cursor,
        }) => Prepared {
            documents: entries.iter().map(|entry| one(entry, source)).collect(),
            note: next_cursor
                .map(|cursor| file.problem(None, Verdict::Noted, vec![one_page(&cursor)])),
        },
        Err(fault) => {
            let problem = file.problem(None, Verdict::Rejected, vec![fault]);
            Prepared {
                documents: vec![Err(Box::new(problem))],
                note: None,
            }
        }
    }
}

/// Bytes that are no UTF-8 spoil the file when they are outside its documents.
fn find<'a>(source: &Source, text: &'a str) -> Result<Found<'a>, Fault> {
    let first = source.broken.first();
    let found =
        form::find(text).map_err(|fault| first.map_or(fault, |first| source.fault(*first)))?;
    let is_outside = |broken: &&Broken| {
        let mut entries = found.entries.iter();
        !entries.any(|entry| is_inside(entry, text, **broken))
    };
    match source.broken.iter().find(is_outside) {
        Some(broken) => Err(source.fault(*broken)),
        None => Ok(found),
    }
}

/// Entries are parts of the text that they were found in.
fn is_inside(entry: &Entry<'_>, text: &str, broken: Broken) -> bool {
    let start = (entry.whole.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    (start..start + entry.whole.len()).contains(&broken.at)
}

fn one_page(cursor: &str) -> Fault {
    let message = format!(
        "this is one page of a longer list: ask the registry for the next one with cursor={cursor}, and so on until an \
         answer has no nextCursor, save each, and import their folder",
    );
    Fault::new("/metadata/nextCursor", "one-page", message)
}

fn one(entry: &Entry<'_>, source: &Source) -> Result<Candidate, Box<Problem>> {
    let place = Place {
        file: source.name.clone(),
        index: entry.index,
        line: Some(entry.line),
    };
    let refuse = |names: Option<(&str, &str)>, faults| {
        Box::new(place.problem(names, Verdict::Rejected, faults))
    };
    let text = source.text.as_deref().unwrap_or_default();
    let mut broken = source.broken.iter();
    if let Some(broken) = broken.find(|broken| is_inside(entry, text, **broken)) {
        return Err(refuse(None, vec![source.fault(*broken)]));
    }
    let value = parse_json(entry.text).map_err(|fault| refuse(None, vec![fault]))?;
    let names = names(&value);
    let names = Some((names.0.as_str(), names.1.as_str()));
    if let Some(fault) = &entry.fault {
        return Err(refuse(names, vec![fault.clone()]));
    }
    let mut official = entry
        .meta
        .map_or(Ok(Official::default()), official)
        .map_err(|faults| refuse(names, faults))?;
    let submission_and_remark = if legacy::is_legacy(&value) {
        strict::check(entry.text).map_err(|fault| refuse(names, vec![fault]))?;
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
        (
            Submission {
                document,
                original: None,
                official,
            },
            None,
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

/// Years 1 to 9999: others are typing errors, and PostgreSQL does not know all of them.
fn is_common_era(time: &Timestamp) -> bool {
    time.to_zoned(jiff::tz::TimeZone::UTC).year() > 0
}

/// What the registry that listed a document says about it. A wrong status is refused, not guessed: a deleted server
/// must not come back as an active one.
fn official(meta: &str) -> Result<Official, Vec<Fault>> {
    let text = meta;
    let below = |fault: Fault| {
        let pointer = format!("/_meta{}", fault.pointer);
        vec![Fault::new(pointer, fault.rule, fault.message)]
    };
    let meta = parse_json(text).map_err(below)?;
    strict::check(text).map_err(below)?;
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
        let time = text.parse().ok().filter(is_common_era);
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

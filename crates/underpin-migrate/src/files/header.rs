//! Options at the top of a migration file: `-- underpin: key=value …`.
//!
//! They stand in comment lines before the first statement. A line may hold several options; a value with spaces is
//! quoted. An unknown key is an error: a misspelt `lock_timout` must not be ignored.

mod words;

use super::Version;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use words::words;

/// Longest timeout that a header may ask for.
const TIMEOUT_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// The options of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// `parent=VERSION[,VERSION…]`: the migrations that this one follows. Checked to exist and to be older. A file that
    /// names two of them merges two branches.
    pub parents: Vec<Version>,
    /// `allow=RULE[,RULE…] reason="…"`: unsafe operations that were thought about.
    pub allows: Vec<Allow>,
    /// `lock_timeout=5s`: how long a statement may wait for a lock, instead of the runner's.
    pub lock_timeout: Option<Duration>,
    /// `statement_timeout=10min`: how long a statement may take, instead of the runner's.
    pub statement_timeout: Option<Duration>,
    /// `phase=expand|backfill|contract`: which part of a change this is.
    pub phase: Option<Phase>,
    /// `deferred`: to be run after the service is ready.
    pub deferred: bool,
    /// `replaces=VERSION[,VERSION…]`: the migrations that this one was squashed from. A database that has all of them has
    /// this one.
    pub replaces: Vec<Version>,
}

/// An unsafe operation that is allowed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allow {
    /// The lint rule.
    pub rule: String,
    /// Why it is fine here; never empty.
    pub reason: String,
}

/// Which part of an expand-and-contract change a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Adds; old and new code work.
    Expand,
    /// Fills what was added.
    Backfill,
    /// Takes away what nobody uses any more.
    Contract,
}

impl Header {
    /// Adds the options of one line, given without `-- underpin:`; an error says what is wrong with them.
    pub(crate) fn read_line(&mut self, line: &str) -> Result<(), String> {
        let mut rules: Option<String> = None;
        let mut reason: Option<String> = None;
        for (key, value) in words(line)? {
            let (key, value) = (key.as_str(), value.as_deref());
            match key {
                "parent" => versions(&mut self.parents, key, value)?,
                "replaces" => versions(&mut self.replaces, key, value)?,
                "lock_timeout" => set(&mut self.lock_timeout, key, timeout(key, value)?)?,
                "statement_timeout" => set(&mut self.statement_timeout, key, timeout(key, value)?)?,
                "phase" => set(&mut self.phase, key, phase(value)?)?,
                "deferred" => self.deferred = flag(key, value)?,
                "allow" => set(&mut rules, key, text(key, value)?)?,
                "reason" => set(&mut reason, key, text(key, value)?)?,
                _ => {
                    return Err(format!(
                        "unknown option {key:?}; known are parent, allow, reason, lock_timeout, \
                         statement_timeout, phase, deferred and replaces"
                    ));
                }
            }
        }
        self.allow(rules, reason)
    }

    fn allow(&mut self, rules: Option<String>, reason: Option<String>) -> Result<(), String> {
        match (rules, reason) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(String::from("a reason without allow=RULE on the same line")),
            (Some(_), None) => Err(String::from(
                "allow without a reason on the same line, as in allow=rule18 reason=\"unused since v4\"",
            )),
            (Some(rules), Some(reason)) => {
                self.allows.extend(rules.split(',').map(|rule| Allow {
                    rule: String::from(rule.trim()),
                    reason: reason.clone(),
                }));
                Ok(())
            }
        }
    }

    /// The options in a fixed order and spelling, for the checksum of meaning.
    pub(crate) fn canonical(&self) -> String {
        let Self {
            parents,
            allows,
            lock_timeout,
            statement_timeout,
            phase,
            deferred,
            replaces,
        } = self;
        let mut allows: Vec<_> = allows.iter().map(|it| (&it.rule, &it.reason)).collect();
        allows.sort();
        let mut parents: Vec<_> = parents.iter().map(|it| it.to_i64()).collect();
        parents.sort_unstable();
        // As long as there was one at most, it was written as an option: checksums of those days hold.
        let parents = match parents.as_slice() {
            [] => String::from("None"),
            [one] => format!("Some({one})"),
            several => format!("{several:?}"),
        };
        let lock_timeout = lock_timeout.map(|it| it.as_micros());
        let statement_timeout = statement_timeout.map(|it| it.as_micros());
        // Files without it keep their checksums.
        let replaces = match replaces.as_slice() {
            [] => String::new(),
            versions => format!(" replaces={versions:?}"),
        };
        format!(
            "parent={parents} allows={allows:?} lock_timeout={lock_timeout:?} \
             statement_timeout={statement_timeout:?} phase={phase:?} deferred={deferred}{replaces}"
        )
    }
}

fn set<T>(slot: &mut Option<T>, key: &str, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{key} is given twice")),
    }
}

fn text(key: &str, value: Option<&str>) -> Result<String, String> {
    match value {
        Some(value) if !value.trim().is_empty() => Ok(String::from(value)),
        _ => Err(format!("{key} needs a value, as in {key}=…")),
    }
}

fn versions(slot: &mut Vec<Version>, key: &str, value: Option<&str>) -> Result<(), String> {
    if !slot.is_empty() {
        return Err(format!("{key} is given twice"));
    }
    for text in value.unwrap_or_default().split(',') {
        let version = version(key, text.trim())?;
        if slot.contains(&version) {
            return Err(format!("{key}={version} is given twice"));
        }
        slot.push(version);
    }
    Ok(())
}

fn version(key: &str, text: &str) -> Result<Version, String> {
    text.parse()
        .map_err(|_: crate::Error| format!("{key}={text:?} is not a version of 14 digits"))
}

fn timeout(key: &str, value: Option<&str>) -> Result<Duration, String> {
    let value = value.unwrap_or_default();
    let parsed: Option<SignedDuration> = value.parse().ok();
    let timeout = parsed.and_then(|it| Duration::try_from(it).ok());
    timeout
        .filter(|it| (Duration::from_millis(1)..=TIMEOUT_MAX).contains(it))
        .ok_or_else(|| {
            format!(
                "{key}={value:?} is not a time between 1ms and 7 days, as in 500ms, 5s or 20min"
            )
        })
}

fn phase(value: Option<&str>) -> Result<Phase, String> {
    match value {
        Some("expand") => Ok(Phase::Expand),
        Some("backfill") => Ok(Phase::Backfill),
        Some("contract") => Ok(Phase::Contract),
        other => Err(format!(
            "phase={:?} is none of expand, backfill and contract",
            other.unwrap_or_default()
        )),
    }
}

fn flag(key: &str, value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(other) => Err(format!("{key}={other:?} is neither true nor false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Header, String> {
        let mut header = Header::default();
        header.read_line(line).map(|()| header)
    }

    #[test]
    fn all_options_are_read() {
        let header = read(
            "parent=20240501120000 lock_timeout=500ms statement_timeout=20min phase=contract deferred \
             allow=rule18,rule30 reason=\"unused since v4, see \\\"ops\\\"\"",
        )
        .expect("valid");
        assert_eq!(
            header.parents,
            ["20240501120000".parse().expect("14 digits")]
        );
        assert_eq!(header.lock_timeout, Some(Duration::from_millis(500)));
        assert_eq!(header.statement_timeout, Some(Duration::from_secs(1200)));
        assert_eq!(header.phase, Some(Phase::Contract));
        assert!(header.deferred);
        assert_eq!(header.allows.len(), 2);
        assert_eq!(header.allows[1].rule, "rule30");
        assert_eq!(header.allows[1].reason, "unused since v4, see \"ops\"");
    }

    #[test]
    fn mistakes_are_named() {
        let check = |line: &str, part: &str| {
            let wrong = read(line).expect_err(line);
            assert!(wrong.contains(part), "{line}: {wrong}");
        };
        check("lock_timout=5s", "unknown option \"lock_timout\"");
        check("lock_timeout=5", "not a time");
        check("lock_timeout=-5s", "not a time");
        check("lock_timeout=0s", "not a time");
        check("statement_timeout=30d", "not a time");
        check("lock_timeout", "not a time");
        check("phase=now", "none of expand");
        check("deferred=maybe", "neither true nor false");
        check("parent=7", "14 digits");
        check("replaces=20240501120000,x", "replaces=\"x\" is not");
        check("parent=20240501120000,7", "14 digits");
        check("parent=20240501120000,20240501120000", "given twice");
        check("allow=rule18", "without a reason");
        check("allow=rule18 reason=\"\"", "reason needs a value");
        check("reason=\"because\"", "without allow");
        check("reason=\"because", "closing quote");
        check("phase=expand phase=expand", "given twice");
    }

    #[test]
    fn the_canonical_form_does_not_depend_on_order() {
        let check = |one: &str, other: &str| {
            assert_eq!(
                read(one).expect(one).canonical(),
                read(other).expect(other).canonical()
            );
        };
        check(
            "phase=expand lock_timeout=1s",
            "lock_timeout=1000ms   phase=\"expand\"",
        );
        check("allow=a,b reason=\"x\"", "allow=b,a reason=\"x\"");
    }
}

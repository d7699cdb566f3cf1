//! What differs between two schemas and no plan says: objects of kinds that have no facts, and what was set aside.

use super::aside::Aside;
use super::explain::definitions;
use crate::Error;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use underpin_core::ErrorKind;
use underpin_schema::{Belonging, Catalog, Facts, Object, Schema, Unmodelled};

/// Something that is not compared by its facts, and that no plan makes, alters or drops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// Its kind and its name.
    pub object: String,
    /// How the two sides stand to each other, as far as it is known.
    #[serde(flatten)]
    pub standing: Standing,
}

/// How two sides stand to each other in something that is not compared by its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "details", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// Both have it, and it is not the same: the columns and parts in which it differs.
    Differs(Vec<String>),
    /// Only the first has it.
    OnlyInFrom,
    /// Only the second has it.
    OnlyInTo,
    /// It is not known whether they are the same, and why.
    Unknown(String),
}

impl NotCompared {
    /// Is it known that the two sides are not the same?
    #[must_use]
    pub fn is_difference(&self) -> bool {
        !matches!(self.standing, Standing::Unknown(_))
    }

    /// As a sentence; the sides are called so.
    #[must_use]
    pub fn told(&self, from: &str, to: &str) -> String {
        let Self { object, standing } = self;
        match standing {
            Standing::Differs(columns) => {
                let columns = columns.join(", ");
                format!("{object} differs ({columns}), which no plan changes: by hand")
            }
            Standing::OnlyInFrom => {
                format!("{object} is only in {from}, and no plan makes or drops it: by hand")
            }
            Standing::OnlyInTo => {
                format!("{object} is only in {to}, and no plan makes or drops it: by hand")
            }
            Standing::Unknown(why) => format!("{object} is not compared: {why}"),
        }
    }
}

impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told("the origin", "the target"))
    }
}

/// What one side has beyond the facts that are compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Beyond {
    all: Facts<Unmodelled>,
    /// Why something cannot be compared.
    reasons: BTreeMap<String, String>,
    /// Is it a side that has words for tables only?
    of_models: bool,
}

impl Beyond {
    /// Nothing yet; why extensions are left out, by their names.
    pub(super) fn new(left_out: BTreeMap<String, String>, of_models: bool) -> Self {
        let named = |(name, why)| (Object::Extension(name).to_string(), why);
        Self {
            all: Facts::default(),
            reasons: left_out.into_iter().map(named).collect(),
            of_models,
        }
    }

    /// What a catalog has without facts.
    pub(super) fn of_catalog(catalog: &Catalog, of_models: bool) -> Self {
        Self {
            all: catalog.schema.unmodelled.clone(),
            reasons: BTreeMap::new(),
            of_models,
        }
    }

    pub(super) fn set_unmodelled(&mut self, unmodelled: Facts<Unmodelled>) {
        self.all = unmodelled;
    }

    pub(super) fn into_unmodelled(self) -> Facts<Unmodelled> {
        self.all
    }

    /// Takes in objects that are set aside, as far as a catalog has them.
    pub(super) fn add(&mut self, catalog: &Catalog, aside: &Aside) {
        if aside.is_empty() {
            return;
        }
        let texts = definitions(catalog);
        for object in aside.iter().filter(|it| catalog.schema.has(it)) {
            if let Some(text) = text_of(object, &texts) {
                let unmodelled = Unmodelled::of_text(object.to_string(), "definition", text);
                self.all.insert(unmodelled);
            }
        }
    }
}

/// The statements that make an object, or the table that it is written with.
fn text_of<'t>(object: &Object, texts: &'t BTreeMap<Object, String>) -> Option<&'t String> {
    let whole = || texts.get(&Object::Table(object.whole()?.clone()));
    texts.get(object).or_else(whole)
}

/// What is not the same, or not known to be; the facts of the second side tell what goes by itself.
pub(super) fn between(from: &Beyond, (to, to_facts): (&Beyond, &Schema)) -> Vec<NotCompared> {
    let names = from.all.iter().chain(&to.all);
    let names: BTreeSet<&str> = names.map(|it| it.description.as_str()).collect();
    let standings = names.into_iter().filter_map(|name| {
        let standing = standing(name, from, to)?;
        // What a table has beyond its facts goes with the table.
        let goes = |only: &Beyond, other: &Schema| {
            let of = only.all.get(name).and_then(|it| it.of.as_ref());
            of.is_some_and(|of| !other.has(of))
        };
        let is_gone = standing == Standing::OnlyInFrom && goes(from, to_facts);
        let object = name.to_owned();
        (!is_gone).then_some(NotCompared { object, standing })
    });
    standings.collect()
}

fn standing(name: &str, from: &Beyond, to: &Beyond) -> Option<Standing> {
    let sides = (from.all.get(name), to.all.get(name));
    if let (Some(here), Some(there)) = sides {
        let differing = here.fingerprint.differing(&there.fingerprint);
        if !differing.is_empty() {
            return Some(Standing::Differs(differing));
        }
        let unreadable = here.fingerprint.unreadable();
        let unreadable: BTreeSet<&str> = unreadable.chain(there.fingerprint.unreadable()).collect();
        return (!unreadable.is_empty()).then(|| {
            let columns: Vec<&str> = unreadable.into_iter().collect();
            Standing::Unknown(format!("the role may not read {}", columns.join(", ")))
        });
    }
    let (only, other, standing) = match sides {
        (Some(only), _) => (only, to, Standing::OnlyInFrom),
        (_, Some(only)) => (only, from, Standing::OnlyInTo),
        _ => return None,
    };
    let reasons = [from, to].map(|side| side.reasons.get(name));
    if let Some(why) = reasons.into_iter().flatten().next() {
        return Some(Standing::Unknown(why.clone()));
    }
    match only.belongs_to {
        // It comes and goes with the extension, which is compared.
        Belonging::Extension => None,
        Belonging::Server => Some(Standing::Unknown(String::from(
            "it belongs to the server and not to a schema",
        ))),
        Belonging::Schema if other.of_models => Some(Standing::Unknown(String::from(
            "models have no word for it",
        ))),
        Belonging::Schema => Some(standing),
    }
}

/// Refuses a migration that would not lead to its target, because no plan makes or drops what is missing.
pub(super) fn refuse(not_compared: &[NotCompared]) -> Result<(), Error> {
    let Some(first) = not_compared.iter().find(|it| it.is_difference()) else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Refused, first.to_string()).with_hint(
        "write this change by hand with `underpin migrate new NAME --empty`; then both sides have it",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(all: impl IntoIterator<Item = Unmodelled>, of_models: bool) -> Beyond {
        Beyond {
            all: all.into_iter().collect(),
            of_models,
            ..Beyond::default()
        }
    }

    #[test]
    fn each_side_is_held_against_the_other() {
        let trigger = |function| Unmodelled::of_text("event trigger e", "evtfoid", function);
        let check = |from: &Beyond, to: &Beyond, expected: Option<Standing>| {
            let facts = Schema::default();
            let found = between(from, (to, &facts));
            let found = found.into_iter().map(|it| it.standing).next();
            assert_eq!(found, expected);
        };
        let (a, b) = (side([trigger("f")], false), side([trigger("g")], false));
        let (nothing, models) = (side([], false), side([], true));
        check(&a, &a, None);
        check(
            &a,
            &b,
            Some(Standing::Differs(vec![String::from("evtfoid")])),
        );
        check(&a, &nothing, Some(Standing::OnlyInFrom));
        check(&nothing, &b, Some(Standing::OnlyInTo));
        let unknown = Standing::Unknown(String::from("models have no word for it"));
        check(&a, &models, Some(unknown));
    }

    #[test]
    fn what_belongs_to_the_server_or_an_extension_is_no_difference_where_one_side_lacks_it() {
        let mut settings = Unmodelled::new("settings of the database");
        settings.belongs_to = Belonging::Server;
        let mut members = Unmodelled::new("members of extension citext");
        members.belongs_to = Belonging::Extension;
        let facts = Schema::default();
        let (here, there) = (side([settings, members], false), side([], false));
        let found = between(&here, (&there, &facts));
        assert_eq!(found.len(), 1);
        assert!(!found[0].is_difference(), "{found:?}");
    }
}

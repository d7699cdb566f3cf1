//! Sequences, and the options of identity columns.

use crate::diff::change::Change;
use crate::{Object, Sequence, SequenceOptions, sql};

pub(super) fn sequence(from: &Sequence, to: &Sequence) -> Vec<Change> {
    let object = Object::Sequence(to.name.clone());
    let mut actions = Vec::new();
    if from.options.data_type != to.options.data_type {
        actions.push(format!("AS {}", to.options.data_type));
    }
    let before = with_type(&from.options, &to.options.data_type);
    actions.extend(changed_options(&before, &to.options));
    let mut changes = Vec::new();
    if !actions.is_empty() {
        let sql = format!("ALTER SEQUENCE {} {}", to.name, actions.join(" "));
        changes.push(Change::alter(object.clone(), sql));
    }
    if from.unlogged != to.unlogged {
        let logged = if to.unlogged { "UNLOGGED" } else { "LOGGED" };
        changes.push(Change::alter(
            object,
            format!("ALTER SEQUENCE {} SET {logged}", to.name),
        ));
    }
    changes
}

pub(super) fn ownership(from: &Sequence, to: &Sequence) -> Vec<Change> {
    if from.owned_by == to.owned_by {
        return Vec::new();
    }
    let sql = sql::own_sequence(&to.name, to.owned_by.as_ref());
    vec![Change::alter(Object::Sequence(to.name.clone()), sql)]
}

/// What the options become when the type changes: limits that were those of the type are those of the new one.
pub(super) fn with_type(options: &SequenceOptions, data_type: &str) -> SequenceOptions {
    let old = SequenceOptions::defaults_for(&options.data_type, options.increment);
    let new = SequenceOptions::defaults_for(data_type, options.increment);
    let (lowest, _) = limits(&options.data_type);
    let (new_lowest, new_greatest) = limits(data_type);
    let is_greatest = options.maximum == limits(&options.data_type).1;
    SequenceOptions {
        data_type: data_type.to_owned(),
        minimum: match options.minimum {
            minimum if minimum == lowest => new_lowest,
            minimum if minimum == old.minimum => new.minimum,
            minimum => minimum,
        },
        maximum: if is_greatest {
            new_greatest
        } else {
            options.maximum
        },
        ..options.clone()
    }
}

fn limits(data_type: &str) -> (i64, i64) {
    let minimum = SequenceOptions::defaults_for(data_type, -1).minimum;
    let maximum = SequenceOptions::ascending(data_type).maximum;
    (minimum, maximum)
}

/// The options that differ, as `ALTER SEQUENCE` takes them.
pub(super) fn changed_options(from: &SequenceOptions, to: &SequenceOptions) -> Vec<String> {
    let mut actions = Vec::new();
    let mut number = |name: &str, before: i64, now: i64| {
        if before != now {
            actions.push(format!("{name} {now}"));
        }
    };
    number("INCREMENT BY", from.increment, to.increment);
    number("MINVALUE", from.minimum, to.minimum);
    number("MAXVALUE", from.maximum, to.maximum);
    number("START WITH", from.start, to.start);
    number("CACHE", from.cache, to.cache);
    if !(to.minimum..=to.maximum).contains(&from.start) {
        actions.push("RESTART".to_owned());
    }
    if from.cycle != to.cycle {
        actions.push(if to.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
    }
    actions
}

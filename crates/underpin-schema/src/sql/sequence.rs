//! Sequences.

use crate::{Part, QualifiedName, Sequence, SequenceOptions};

/// `CREATE SEQUENCE`, not yet owned by a column.
#[must_use]
pub fn create_sequence(sequence: &Sequence) -> String {
    let Sequence {
        name,
        options,
        unlogged,
        ..
    } = sequence;
    let unlogged = if *unlogged { "UNLOGGED " } else { "" };
    let data_type = match options.data_type.as_str() {
        "bigint" => String::new(),
        other => format!(" AS {other}"),
    };
    let options = sequence_options(options);
    let space = if options.is_empty() { "" } else { " " };
    format!("CREATE {unlogged}SEQUENCE {name}{data_type}{space}{options}")
}

/// `ALTER SEQUENCE … OWNED BY`; None frees it.
#[must_use]
pub fn own_sequence(sequence: &QualifiedName, owner: Option<&Part>) -> String {
    let owner = owner.map_or_else(|| "NONE".to_owned(), Part::to_string);
    format!("ALTER SEQUENCE {sequence} OWNED BY {owner}")
}

/// The options that are not what PostgreSQL would take by itself: `START WITH 10 INCREMENT BY 5`.
#[must_use]
pub fn sequence_options(options: &SequenceOptions) -> String {
    let usual = SequenceOptions::defaults_for(&options.data_type, options.increment);
    let first = if options.increment > 0 {
        options.minimum
    } else {
        options.maximum
    };
    let mut words = Vec::new();
    let mut add = |differs: bool, text: String| {
        if differs {
            words.push(text);
        }
    };
    add(
        options.start != first,
        format!("START WITH {}", options.start),
    );
    add(
        options.increment != 1,
        format!("INCREMENT BY {}", options.increment),
    );
    add(
        options.minimum != usual.minimum,
        format!("MINVALUE {}", options.minimum),
    );
    add(
        options.maximum != usual.maximum,
        format!("MAXVALUE {}", options.maximum),
    );
    add(options.cache != 1, format!("CACHE {}", options.cache));
    add(options.cycle, "CYCLE".to_owned());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_usual_is_written() {
        let check = |change: fn(&mut SequenceOptions), expected: &str| {
            let mut options = SequenceOptions::ascending("integer");
            change(&mut options);
            assert_eq!(sequence_options(&options), expected);
        };
        check(|_| {}, "");
        check(|options| options.minimum = 5, "START WITH 1 MINVALUE 5");
        check(
            |options| *options = SequenceOptions::defaults_for("integer", -1),
            "INCREMENT BY -1",
        );
    }
}

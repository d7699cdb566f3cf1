//! Random types, collations and sequences.

use super::Dice;
use underpin_schema::{
    Collation, Composite, Domain, EnumType, Range, Schema, Sequence, SequenceOptions,
};

pub(super) fn add(dice: &mut Dice, schema: &mut Schema) {
    for _ in 0..dice.below(3) {
        let options = [("provider", "libc"), ("lc_collate", "C"), ("lc_ctype", "C")];
        let mut collation = Collation::new(dice.name("collation"), options);
        collation.comment = dice.comment();
        schema.collations.insert(collation);
    }
    for _ in 0..dice.below(4) {
        let labels = ["new", "it's", "Done", "ünïcode", "a b"];
        let labels = &labels[..dice.below(labels.len() + 1)];
        let mut enum_type = EnumType::new(dice.name("mood"), labels.iter().copied());
        enum_type.comment = dice.comment();
        enum_type.privileges = dice.denied("USAGE");
        schema.enums.insert(enum_type);
    }
    for _ in 0..dice.below(4) {
        let domain = domain(dice);
        schema.domains.insert(domain);
    }
    for _ in 0..dice.below(3) {
        let composite = composite(dice, schema);
        schema.composites.insert(composite);
    }
    for _ in 0..dice.below(3) {
        let subtype = *dice.pick(&["double precision", "time without time zone", "text"]);
        let mut range = Range::new(dice.name("span"), subtype);
        range.comment = dice.comment();
        if dice.chance(0.3) {
            range.multirange = Some(range.name.sibling(dice.word("spans")));
        }
        schema.ranges.insert(range);
    }
    for _ in 0..dice.below(4) {
        let sequence = sequence(dice);
        schema.sequences.insert(sequence);
    }
}

fn domain(dice: &mut Dice) -> Domain {
    let kinds = [
        ("integer", "(VALUE > 0)", "7"),
        ("text", "(length(VALUE) > 2)", "'abc'::text"),
        ("numeric(10,2)", "(VALUE < (100)::numeric)", "1.5"),
    ];
    let (data_type, check, default) = *dice.pick(&kinds);
    let mut domain = Domain::new(dice.name("domain"), data_type);
    if dice.chance(0.6) {
        domain = domain.check(dice.word("check"), check);
        if let Some(check) = domain.checks.iter_mut().next() {
            check.validated = dice.chance(0.8);
            check.comment = dice.comment();
        }
    }
    domain.default = dice.maybe(0.4, |_| default.to_owned());
    domain.not_null = dice.chance(0.3);
    domain.comment = dice.comment();
    domain.privileges = dice.denied("USAGE");
    domain
}

fn composite(dice: &mut Dice, schema: &Schema) -> Composite {
    let mut composite = Composite::new(dice.name("composite"));
    let enums = schema.enums.iter().map(|it| it.name.to_string());
    let domains = schema.domains.iter().map(|it| it.name.to_string());
    let simple = ["integer", "text", "numeric(8,3)", "uuid[]"].map(str::to_owned);
    let types: Vec<String> = enums.chain(domains).chain(simple).collect();
    for _ in 0..1 + dice.below(4) {
        let data_type = dice.pick(&types).clone();
        composite = composite.attribute(dice.word("attribute"), data_type);
    }
    composite.attributes[0].comment = dice.comment();
    composite.comment = dice.comment();
    composite.privileges = dice.denied("USAGE");
    composite
}

fn sequence(dice: &mut Dice) -> Sequence {
    let mut sequence = Sequence::new(dice.name("sequence"));
    let data_type = *dice.pick(&["smallint", "integer", "bigint"]);
    sequence.options = options(dice, data_type);
    sequence.unlogged = dice.major >= 15 && dice.chance(0.2);
    sequence.comment = dice.comment();
    sequence.privileges = dice.privileges("USAGE");
    sequence
}

/// How a sequence of this type counts.
pub(super) fn options(dice: &mut Dice, data_type: &str) -> SequenceOptions {
    let increment = *dice.pick(&[1, 1, 1, 5, -1, -10]);
    let mut options = SequenceOptions::defaults_for(data_type, increment);
    if dice.chance(0.3) {
        options.start = if increment > 0 { 42 } else { -42 };
    }
    if dice.chance(0.2) {
        (options.minimum, options.maximum) = (-100, 100);
    }
    options.cache = if dice.chance(0.2) { 10 } else { 1 };
    options.cycle = dice.chance(0.2);
    options
}

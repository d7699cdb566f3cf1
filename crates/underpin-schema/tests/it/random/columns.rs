//! Random columns, of every type that a service uses.

use super::Dice;
use super::types::options;
use underpin_schema::{
    Column, Generated, Identity, IdentityKind, NotNull, Parameters, Privileges, QualifiedName,
    Schema,
};

/// Types with a default each, both as PostgreSQL writes them.
const TYPES: [(&str, &str); 36] = [
    ("smallint", "1"),
    ("integer", "'-1'::integer"),
    ("bigint", "'9000000000'::bigint"),
    ("numeric", "0"),
    ("numeric(10,2)", "1.5"),
    ("real", "1.5"),
    ("double precision", "'Infinity'::double precision"),
    ("text", "'it''s'::text"),
    ("character varying", "'x'::character varying"),
    ("character varying(255)", "'x'::character varying"),
    ("character(3)", "'abc'::bpchar"),
    ("\"char\"", "'a'::\"char\""),
    ("boolean", "true"),
    ("uuid", "gen_random_uuid()"),
    ("timestamp with time zone", "now()"),
    ("timestamp without time zone", "LOCALTIMESTAMP"),
    ("timestamp(3) with time zone", "CURRENT_TIMESTAMP"),
    ("date", "CURRENT_DATE"),
    (
        "time without time zone",
        "'12:00:00'::time without time zone",
    ),
    ("interval", "'1 day'::interval"),
    ("interval(3)", "'01:00:00'::interval"),
    ("bytea", r"'\xdeadbeef'::bytea"),
    ("json", "'{}'::json"),
    ("jsonb", "'{\"a\": [1]}'::jsonb"),
    ("text[]", "'{}'::text[]"),
    ("integer[]", "ARRAY[1, 2]"),
    ("inet", "'127.0.0.1'::inet"),
    ("cidr", "'10.0.0.0/8'::cidr"),
    ("macaddr", "'08:00:2b:01:02:03'::macaddr"),
    ("int4range", "'[1,5)'::int4range"),
    ("tstzrange", "'empty'::tstzrange"),
    ("tsvector", "''::tsvector"),
    ("bit(8)", "'11111111'::\"bit\""),
    ("bit varying(16)", "'1'::\"bit\""),
    ("point", "'(1,2)'::point"),
    ("money", "'$1.00'::money"),
];

/// A column of any type, with anything that a column may have.
pub(super) fn column(dice: &mut Dice, schema: &Schema) -> Column {
    let own = own_types(schema);
    let is_own = !own.is_empty() && dice.chance(0.3);
    let (data_type, default) = if is_own {
        let suffix = if dice.chance(0.2) { "[]" } else { "" };
        (format!("{}{suffix}", dice.pick(&own)), None)
    } else {
        let (data_type, default) = *dice.pick(&TYPES);
        (
            data_type.to_owned(),
            dice.maybe(0.4, |_| default.to_owned()),
        )
    };
    let mut column = Column::new(dice.word("column"), data_type);
    column.default = default;
    column.not_null = dice.maybe(0.4, not_null);
    column.comment = dice.comment();
    column.privileges = dice.privileges("SELECT");
    column.statistics = dice.maybe(0.1, |dice| {
        10 + i32::try_from(dice.below(90)).expect("small")
    });
    if dice.chance(0.1) {
        column.options = Parameters::from([("n_distinct".to_owned(), "-0.5".to_owned())]);
    }
    if column.data_type == "text" {
        column.storage = dice.maybe(0.2, |dice| (*dice.pick(&["external", "main"])).to_owned());
        column.compression = dice.maybe(0.2, |_| "pglz".to_owned());
        column.collation = collation(dice, schema);
    }
    column
}

fn not_null(dice: &mut Dice) -> NotNull {
    NotNull {
        name: if dice.major >= 18 {
            dice.maybe(0.3, |dice| dice.word("filled"))
        } else {
            None
        },
        ..NotNull::default()
    }
}

pub(super) fn collation(dice: &mut Dice, schema: &Schema) -> Option<QualifiedName> {
    let mut known: Vec<QualifiedName> =
        schema.collations.iter().map(|it| it.name.clone()).collect();
    known.push(QualifiedName::new("pg_catalog", "C"));
    dice.maybe(0.3, |dice| dice.pick(&known).clone())
}

fn own_types(schema: &Schema) -> Vec<QualifiedName> {
    let enums = schema.enums.iter().map(|it| &it.name);
    let domains = schema.domains.iter().map(|it| &it.name);
    let composites = schema.composites.iter().map(|it| &it.name);
    let ranges = schema.ranges.iter().map(|it| &it.name);
    enums
        .chain(domains)
        .chain(composites)
        .chain(ranges)
        .cloned()
        .collect()
}

/// An integer that numbers itself.
pub(super) fn identity(dice: &mut Dice, table: &QualifiedName) -> Column {
    let data_type = *dice.pick(&["smallint", "integer", "bigint"]);
    let kind = *dice.pick(&[IdentityKind::Always, IdentityKind::ByDefault]);
    let mut column = Column::new(dice.word("number"), data_type).identity(kind);
    column.identity = Some(Identity {
        kind,
        sequence: dice.maybe(0.2, |dice| table.sibling(dice.word("numbers"))),
        options: options(dice, data_type),
        comment: dice.maybe(0.3, |dice| dice.word("note")),
        privileges: Privileges::default(),
    });
    column
}

/// A column computed from an integer column.
pub(super) fn generated(dice: &mut Dice, from: &Column) -> Column {
    let name = underpin_schema::quote_identifier(&from.name).into_owned();
    let mut column = Column::new(dice.word("sum"), "integer");
    column.generated = Some(Generated {
        expression: format!("({name} + 1)"),
        stored: dice.major < 18 || dice.chance(0.5),
    });
    column
}

//! Random statements about a few names: they meet often, and much comes to depend on much. PostgreSQL refuses many.

mod relations;
mod tables;
mod types;

use super::Dice;

/// Statements for an empty database, or for one that others of these have filled.
pub(crate) fn statements(seed: u64, major: i32, count: usize) -> Vec<String> {
    let mut dice = Dice::new(seed, major);
    (0..count).map(|_| statement(&mut dice)).collect()
}

/// A script that makes what it can: what PostgreSQL refuses is left out.
pub(crate) fn as_far_as_can_be(statements: &[String]) -> String {
    let tried = statements.iter().map(|statement| {
        let text = underpin_schema::quote_literal(statement);
        format!("BEGIN EXECUTE {text}; EXCEPTION WHEN OTHERS THEN NULL; END;\n")
    });
    format!("DO $do$ BEGIN\n{}END $do$", tried.collect::<String>())
}

fn statement(dice: &mut Dice) -> String {
    match dice.below(20) {
        0..3 => types::statement(dice),
        3..5 => tables::create(dice),
        5..9 => tables::columns(dice),
        9..12 => tables::constraints(dice),
        12..14 => tables::indexes(dice),
        14 => tables::settings(dice),
        _ => relations::statement(dice),
    }
}

impl Dice {
    fn of(&mut self, texts: &[&str]) -> String {
        (*self.pick(texts)).to_owned()
    }

    /// A name of a kind in one of two schemas, and rarely another one.
    fn among(&mut self, stem: &str, count: usize) -> String {
        let schema = if self.chance(0.8) { "public" } else { "app" };
        format!("{schema}.{stem}{}", self.below(count))
    }

    fn a_table(&mut self) -> String {
        match self.below(4) {
            0 => self.of(&[
                "public.p0",
                "public.p1",
                "public.p0_0",
                "public.p0_1",
                "public.p1_0",
                "public.p0_0_0",
            ]),
            _ => self.among("t", 4),
        }
    }

    fn a_column(&mut self) -> String {
        self.of(&["a", "a", "b", "b", "c", "d", "\"E e\""])
    }

    fn a_type(&mut self) -> String {
        self.of(&[
            "integer",
            "integer",
            "bigint",
            "text",
            "text",
            "character varying(20)",
            "numeric(10,2)",
            "boolean",
            "date",
            "timestamp with time zone",
            "jsonb",
            "text[]",
            "int4range",
            "public.e0",
            "public.e1",
            "public.e0[]",
            "public.d0",
            "public.d1",
            "public.c0",
        ])
    }
}

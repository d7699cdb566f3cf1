//! Schemas, types, sequences and functions.

use crate::random::Dice;

pub(super) fn statement(dice: &mut Dice) -> String {
    match dice.below(16) {
        0 => String::from("CREATE SCHEMA app"),
        1..4 => enums(dice),
        4..6 => domains(dice),
        6..8 => composites(dice),
        8..10 => sequences(dice),
        _ => functions(dice),
    }
}

fn enums(dice: &mut Dice) -> String {
    let name = dice.of(&["public.e0", "public.e1"]);
    let label = dice.of(&["n", "o", "it''s"]);
    match dice.below(6) {
        0..3 => {
            let labels = dice.of(&["'x', 'y', 'z'", "'z', 'x'", "'x', 'y'"]);
            format!("CREATE TYPE {name} AS ENUM ({labels})")
        }
        3 => format!("ALTER TYPE {name} ADD VALUE '{label}' BEFORE 'x'"),
        4 => format!("ALTER TYPE {name} ADD VALUE '{label}'"),
        _ => format!("DROP TYPE {name} CASCADE"),
    }
}

fn domains(dice: &mut Dice) -> String {
    let name = dice.of(&["public.d0", "public.d1"]);
    let check = dice.of(&[
        "VALUE IS NOT NULL",
        "VALUE::text <> ''",
        "public.f0(VALUE::integer) > 0",
    ]);
    match dice.below(8) {
        0..3 => {
            let of = dice.of(&["integer", "text", "public.d0", "public.e0"]);
            let rest = dice.of(&["", " NOT NULL", " DEFAULT NULL"]);
            format!("CREATE DOMAIN {name} AS {of}{rest}")
        }
        3 | 4 => format!("ALTER DOMAIN {name} ADD CONSTRAINT dk CHECK ({check})"),
        5 => format!("ALTER DOMAIN {name} DROP CONSTRAINT dk"),
        6 => format!("ALTER DOMAIN {name} SET NOT NULL"),
        _ => format!("DROP DOMAIN {name} CASCADE"),
    }
}

fn composites(dice: &mut Dice) -> String {
    let data_type = dice.a_type();
    match dice.below(6) {
        0..3 => format!("CREATE TYPE public.c0 AS (x integer, y {data_type})"),
        3 => format!("ALTER TYPE public.c0 ADD ATTRIBUTE z {data_type}"),
        4 => String::from("ALTER TYPE public.c0 DROP ATTRIBUTE y CASCADE"),
        _ => String::from("DROP TYPE public.c0 CASCADE"),
    }
}

fn sequences(dice: &mut Dice) -> String {
    let name = dice.among("s", 2);
    match dice.below(5) {
        0 => format!("CREATE SEQUENCE {name} INCREMENT 5"),
        1 => format!("CREATE SEQUENCE {name} AS integer MAXVALUE 100 CYCLE"),
        2 => format!(
            "ALTER SEQUENCE {name} OWNED BY {}.{}",
            dice.a_table(),
            dice.a_column()
        ),
        3 => format!("ALTER SEQUENCE {name} OWNED BY NONE"),
        _ => format!("DROP SEQUENCE {name} CASCADE"),
    }
}

/// Some are used everywhere, some use tables and types themselves.
fn functions(dice: &mut Dice) -> String {
    let table = dice.a_table();
    match dice.below(12) {
        0..3 => {
            let body = dice.of(&["$1 + 1", "$1 * 2"]);
            format!(
                "CREATE OR REPLACE FUNCTION public.f0(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT {body}'"
            )
        }
        3 => format!(
            "CREATE OR REPLACE FUNCTION public.f1() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(a) FROM {table}; END"
        ),
        4 => format!(
            "CREATE OR REPLACE FUNCTION public.f2({table}) RETURNS integer LANGUAGE sql AS 'SELECT 1'"
        ),
        5 => format!(
            "CREATE OR REPLACE FUNCTION public.f3() RETURNS SETOF {table} LANGUAGE sql AS 'SELECT NULL'"
        ),
        6 => String::from(
            "CREATE OR REPLACE FUNCTION public.f4(x public.e0 DEFAULT 'x') RETURNS public.e0 IMMUTABLE LANGUAGE sql RETURN x",
        ),
        7 => String::from(
            "CREATE OR REPLACE PROCEDURE public.f5(public.d0) LANGUAGE sql AS 'SELECT 1'",
        ),
        8 => String::from(
            "CREATE OR REPLACE FUNCTION public.f6() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        ),
        9 => String::from(
            "CREATE OR REPLACE FUNCTION public.f6() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        ),
        10 => {
            let to = dice.of(&["", "bigint, ", "text, "]);
            format!(
                "CREATE FUNCTION public.f7({to}integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'"
            )
        }
        _ => {
            let name = dice.of(&["f0", "f1", "f2", "f3", "f4", "f6", "f7"]);
            format!("DROP FUNCTION public.{name} CASCADE")
        }
    }
}

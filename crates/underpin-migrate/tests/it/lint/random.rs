//! Whatever the text, lint answers: mutated SQL and random bytes, from a seed that is printed.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::{Duration, Instant};
use underpin_migrate::lint::{self, Settings, rules};

const ROUNDS: usize = 400;

/// Long enough for a loaded machine without optimisations.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn any_text_gets_an_answer() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let forms: Vec<&str> = rules().flat_map(|it| [it.bad, it.good]).collect();
    for _ in 0..ROUNDS {
        let text = match random.random_range(0..4) {
            0 => noise(&mut random),
            1 => cut(&mut random, &forms),
            2 => spliced(&mut random, &forms),
            _ => scrambled(&mut random, &forms),
        };
        answer(&text);
    }
}

#[test]
fn nesting_of_any_kind_gets_an_answer() {
    for (before, middle, after) in [
        ("(", "1", ")"),
        ("ARRAY[", "1", "]"),
        ("NOT ", "true", ""),
        ("- ", "1", ""),
        ("CASE WHEN true THEN ", "1", " END"),
        ("", "1", " + 1"),
        ("", "1", " UNION SELECT 1, 2"),
        ("", "1 FROM t", " JOIN t ON true"),
        ("EXISTS (SELECT ", "1", ")"),
        ("f(a, ", "1", ")"),
        ("", "1", "::int"),
        ("", "1", "[1]"),
        ("", "a", ".b"),
    ] {
        for depth in [100, 1_000, 20_000] {
            answer(&format!(
                "SELECT {}{middle}{}",
                before.repeat(depth),
                after.repeat(depth)
            ));
        }
    }
    for opener in [
        "EXPLAIN ",
        "BEGIN ATOMIC ",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ",
        "CREATE SCHEMA a ",
    ] {
        answer(&format!("{} SELECT 1", opener.repeat(2_000)));
    }
}

/// Checks and fixes a text; a panic inside would be an answer that nothing was checked.
fn answer(text: &str) {
    let start = Instant::now();
    let settings = Settings::default();
    let report = lint::report(text, &settings);
    let failed = report
        .findings
        .iter()
        .find(|it| it.message.starts_with("The checker failed"));
    assert!(failed.is_none(), "{text:?}");
    for finding in &report.findings {
        assert!(finding.line >= 1 && finding.column >= 1, "{finding:?}");
        for edit in finding.fix.iter().flat_map(|it| &it.edits) {
            assert!(
                text.get(edit.start..edit.end).is_some(),
                "{finding:?} in {text:?}"
            );
        }
    }
    let fixed = lint::fix(text, &settings);
    let again = lint::fix(&fixed.text, &settings);
    assert_eq!(
        fixed.text, again.text,
        "a fix of {text:?} leaves something to fix"
    );
    assert!(
        start.elapsed() < PATIENCE,
        "{:?} for {text:?}",
        start.elapsed()
    );
}

fn noise(random: &mut StdRng) -> String {
    let length = random.random_range(0..200);
    let bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn form<'a>(random: &mut StdRng, forms: &[&'a str]) -> &'a str {
    forms[random.random_range(0..forms.len())]
}

/// A form without some piece of it.
fn cut(random: &mut StdRng, forms: &[&str]) -> String {
    let form = form(random, forms);
    let start = form.floor_char_boundary(random.random_range(0..=form.len()));
    let end = form.floor_char_boundary(random.random_range(start..=form.len()));
    format!("{}{}", &form[..start], &form[end..])
}

/// Two forms, one inside the other.
fn spliced(random: &mut StdRng, forms: &[&str]) -> String {
    let (outer, inner) = (form(random, forms), form(random, forms));
    let at = outer.floor_char_boundary(random.random_range(0..=outer.len()));
    format!("{}{inner}{}", &outer[..at], &outer[at..])
}

/// Words of several forms in any order, with the odd character between.
fn scrambled(random: &mut StdRng, forms: &[&str]) -> String {
    let odd = [
        " ", "\n", ";", "'", "\"", "$$", "--", "/*", "(", ")", "é", "\u{feff}", "\0", ",",
    ];
    let mut text = String::new();
    for _ in 0..random.random_range(0..40) {
        let words: Vec<_> = form(random, forms).split_whitespace().collect();
        text.push_str(words[random.random_range(0..words.len())]);
        text.push_str(odd[random.random_range(0..odd.len())]);
    }
    text
}

//! Every type of another crate that a model, a statement or a migration needs is found in `underpin`.

use underpin::jiff::{Timestamp, civil};
use underpin::postgres_types::{self, IsNull};
use underpin::prelude::*;
use underpin::rust_decimal::Decimal;
use underpin::serde_json::{self, json};
use underpin::uuid::Uuid;
use underpin::{FromSql, ToSql, bytes, include_dir};

/// All kinds of columns whose types are not Rust's own.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(deserialize)]
struct Reading {
    #[model(flatten)]
    base: Base,
    price: Decimal,
    day: civil::Date,
    at: Timestamp,
    device: Option<Uuid>,
    document: Json,
    plain: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, DbEnum)]
enum Mood {
    Fine,
}

#[derive(Debug, Clone, PartialEq, DbDomain)]
struct Amount(Decimal);

#[derive(Debug, Clone, PartialEq, DbComposite)]
struct Place {
    name: String,
    mood: Mood,
}

/// A type of one's own.
#[derive(Debug)]
struct Celsius(f64);

impl ToSql for Celsius {
    fn to_sql(
        &self,
        r#type: &postgres_types::Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.0.to_sql(r#type, out)
    }

    fn accepts(r#type: &postgres_types::Type) -> bool {
        <f64 as ToSql>::accepts(r#type)
    }

    postgres_types::to_sql_checked!();
}

impl FromSql<'_> for Celsius {
    fn from_sql(
        r#type: &postgres_types::Type,
        raw: &[u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        f64::from_sql(r#type, raw).map(Self)
    }

    fn accepts(r#type: &postgres_types::Type) -> bool {
        <f64 as FromSql>::accepts(r#type)
    }
}

#[test]
fn a_body_is_read_into_types_of_other_crates() {
    let body = json!({
        "price": "12.50", "day": "2026-01-31", "at": "2026-01-31T12:00:00Z", "device": Uuid::nil(),
        "document": {"a": 1}, "plain": null,
    });
    let new: NewReading = serde_json::from_value(body).unwrap();
    let expected = NewReading {
        price: Decimal::new(1250, 2),
        day: civil::date(2026, 1, 31),
        at: "2026-01-31T12:00:00Z".parse().unwrap(),
        device: Some(Uuid::nil()),
        document: Json(json!({"a": 1})),
        ..NewReading::default()
    };
    assert_eq!(new, expected);
    assert_eq!(
        (
            Amount(Decimal::ONE).0,
            Place {
                name: String::new(),
                mood: Mood::Fine
            }
            .mood
        ),
        (Decimal::ONE, Mood::Fine)
    );
    assert!(Celsius(1.0).0 > 0.0);
}

#[test]
fn migrations_are_compiled_in() {
    static FILES: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/src");
    assert!(FILES.get_file("lib.rs").is_some());
    let _ = underpin::migrate::Chain::embedded("app", &FILES);
}

/// A line of dependencies in the workspace for each row of the table on the page.
#[test]
fn the_page_names_the_versions_that_are_built_with() {
    let workspace = include_str!("../../../../Cargo.toml");
    let page = include_str!("../../../../docs/first-steps.md");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| `") && !line.contains("::` |"));
    let mut named = 0;
    for row in rows {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let (crates, version) = (cells.next().unwrap(), cells.next().unwrap());
        for name in crates.split(',') {
            let name = name.trim().trim_matches('`').replace('_', "-");
            let built = built_with(workspace, &name)
                .or_else(|| built_with(workspace, &name.replace('-', "_")))
                .unwrap_or_else(|| panic!("{name} is in no workspace dependency"));
            let is_named = built == version || built.starts_with(&format!("{version}."));
            assert!(is_named, "{name} is {built}, the page says {version}");
            named += 1;
        }
    }
    assert!(named >= 11, "the table has {named} crates");
}

/// The version in `name = "1"` or `name = { version = "1", … }`.
fn built_with<'a>(workspace: &'a str, name: &str) -> Option<&'a str> {
    let line = workspace
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} = ")))?;
    line.split('"').nth(1)
}

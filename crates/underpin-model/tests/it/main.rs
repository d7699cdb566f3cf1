//! Models on a real PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "what tests have in common fails the test"
)]

mod all_types;
mod bad_input;
mod bodies;
mod bulk;
mod bulk_types;
mod changes;
mod derive;
mod every_option;
mod exact;
mod first_steps;
mod fixture;
mod golden;
mod languages;
mod lists;
mod models;
mod nul;
mod recorder;
#[cfg(feature = "vector")]
mod vectors;
mod write;

use std::path::Path;

/// Compares with a file of `tests/sql`. `UPDATE_GOLDEN=1` writes it anew.
fn compare_with_golden_file(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sql")
        .join(name);
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of this test, not a setting"
    )]
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    if update {
        std::fs::write(&path, text).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text, recorded,
        "{name}: UPDATE_GOLDEN=1 records what is generated now"
    );
}

//! The page in docs/ is what the program says.

use std::fs;
use std::path::Path;

#[test]
fn the_page_on_configuration_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page == underpin_core::config::reference(),
        "docs/configuration.md is out of date: run `cargo xtask gen`"
    );
}

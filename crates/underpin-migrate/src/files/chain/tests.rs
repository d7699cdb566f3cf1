use super::*;
use include_dir::{DirEntry, File};
use std::fs;

const UP: &str = "20240501120000_a.up.sql";

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("file");
    }
    folder
}

#[test]
fn a_folder_is_read_in_version_order() {
    let folder = folder(&[
        ("20240502120000_b.up.sql", b"SELECT 2"),
        (UP, b"SELECT 1"),
        ("20240501120000_a.down.sql", b"SELECT 0"),
        ("README.md", b"about"),
        (".hidden.sql", b"\xff"),
    ]);
    fs::create_dir(folder.path().join("archive.sql")).expect("folder");
    let chain = Chain::from_dir("app", folder.path()).expect("valid");
    let slugs: Vec<_> = chain
        .migrations()
        .iter()
        .map(|it| it.slug.as_str())
        .collect();
    assert_eq!(slugs, ["a", "b"]);
    assert!(chain.migrations()[0].down.is_some() && chain.migrations()[1].down.is_none());
    let second = chain.migrations()[1].version;
    assert_eq!(chain.get(second).map(|it| it.slug.as_str()), Some("b"));
}

#[test]
fn bad_folders_are_refused_naming_the_file() {
    let check = |files: &[(&str, &[u8])], parts: &[&str]| {
        let folder = folder(files);
        let error = Chain::from_dir("app", folder.path()).expect_err(parts[0]);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.hint().is_some(), "{error}");
        for part in parts {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    };
    check(
        &[("init.sql", b"SELECT 1")],
        &["init.sql", "neither in .up.sql"],
    );
    check(
        &[("1_init.up.sql", b"SELECT 1")],
        &["1_init.up.sql", "14 digits"],
    );
    check(
        &[(UP, b"SELECT 1"), ("20240501120000_b.up.sql", b"SELECT 1")],
        &["used twice", UP, "20240501120000_b.up.sql"],
    );
    check(
        &[("20240501120000_a.down.sql", b"SELECT 1")],
        &["20240501120000_a.down.sql", "no .up.sql"],
    );
    check(
        &[
            (UP, b"SELECT 1"),
            ("20240501120000_b.down.sql", b"SELECT 1"),
        ],
        &[UP, "20240501120000_b.down.sql", "two names"],
    );
    check(
        &[(UP, b"SELECT 1;\nSELECT '\xff'")],
        &["20240501120000_a.up.sql:2:9: not UTF-8"],
    );
    check(&[(UP, b"")], &[UP, "empty"]);
    check(&[(UP, b"\xef\xbb\xbf \r\n")], &[UP, "empty"]);
    check(
        &[(UP, b"-- underpin: parent=20240101000000\nSELECT 1")],
        &[UP, "parent", "not in the folder"],
    );
    check(
        &[(UP, b"-- underpin: parent=20250101000000\nSELECT 1")],
        &[UP, "parent", "not older"],
    );
}

#[test]
fn a_wrong_option_needs_no_hint_to_name_its_line() {
    let folder = folder(&[(UP, b"\n-- underpin: fast=yes\nSELECT 1")]);
    let error = Chain::from_dir("app", folder.path()).expect_err("unknown option");
    assert!(
        error
            .to_string()
            .contains("_a.up.sql:2:1: unknown option \"fast\""),
        "{error}"
    );
}

#[test]
fn a_missing_folder_says_how_to_make_it() {
    let error = Chain::from_dir("app", Path::new("/no/such/folder")).expect_err("missing");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("migrate new"))
    );
}

#[test]
fn a_file_that_is_too_large_is_known_and_can_be_recorded_and_not_taken_apart() {
    let mut bytes = b"SELECT 1;".to_vec();
    bytes.resize(16 * 1024 * 1024 + 1, b' ');
    let folder = folder(&[(UP, &bytes)]);
    let chain = Chain::from_dir("app", folder.path()).expect("known");
    let script = &chain.migrations()[0].up;
    let error = script.statements().expect_err("too large");
    assert!(error.to_string().contains("larger than 16 MiB"), "{error}");
    let hint = error.hint().expect("a next step");
    assert!(
        hint.contains("psql -f") && hint.contains("migrate stamp"),
        "{hint}"
    );
    assert_eq!(script.statement_count().expect("recorded"), 0);
}

#[test]
fn an_embedded_folder_is_a_chain_too() {
    static FILES: [DirEntry<'static>; 2] = [
        DirEntry::File(File::new("m/20240501120000_a.up.sql", b"SELECT 1")),
        DirEntry::File(File::new("m/notes.md", b"about")),
    ];
    let chain = Chain::embedded("underpin", &Dir::new("m", &FILES)).expect("valid");
    assert_eq!(chain.migrations().len(), 1);
    assert_eq!(
        chain.migrations()[0].up.file(),
        "<built in>/20240501120000_a.up.sql"
    );
}

#[test]
fn a_chain_has_a_plain_name() {
    let folder = folder(&[]);
    for bad in ["", "App", "a b", "a'b", &"x".repeat(61)] {
        assert!(Chain::from_dir(bad, folder.path()).is_err(), "{bad}");
    }
}

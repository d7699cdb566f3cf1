//! The splitter against real SQL: every case of the shared corpus.

use std::fs;
use std::path::{Path, PathBuf};
use underpin_migrate::Chain;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");

#[test]
fn every_public_case_is_split_and_understood() {
    let folder = Path::new(CASES);
    if !folder.is_dir() {
        println!("skipped: {CASES} is not there");
        return;
    }
    let mut files = Vec::new();
    sql_files(folder, &mut files);
    let (mut statements, mut doubtful, mut refused) = (0, Vec::new(), Vec::new());
    for file in &files {
        let text = fs::read(file).expect("readable");
        let project = tempfile::tempdir().expect("a temporary folder");
        fs::write(project.path().join("20240101000001_case.up.sql"), text).expect("ours");
        let Ok(chain) = Chain::from_dir("app", project.path()) else {
            refused.push(file);
            continue;
        };
        match chain.migrations()[0].up.statements() {
            Ok(found) => {
                statements += found.len();
                doubtful.extend(found.iter().filter(|it| it.doubt().is_some()).map(|it| {
                    (
                        file,
                        it.text().chars().take(60).collect::<String>(),
                        it.doubt().cloned(),
                    )
                }));
            }
            Err(error) => {
                println!("refused: {error}");
                refused.push(file);
            }
        }
    }
    println!(
        "{} files, {statements} statements, {} doubtful, {} refused",
        files.len(),
        doubtful.len(),
        refused.len()
    );
    for it in &doubtful {
        println!("doubtful: {it:?}");
    }
    assert!(statements > files.len());
}

fn sql_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            sql_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
}

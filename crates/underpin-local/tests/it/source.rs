//! What the source must not contain.

use std::path::{Path, PathBuf};

/// Reaches a file by its path, through whatever links are on the way at that moment.
const BY_PATH: [&str; 14] = [
    "std::fs::read",
    "std::fs::write",
    "std::fs::remove",
    "std::fs::rename",
    "std::fs::copy",
    "std::fs::create",
    "std::fs::set_permissions",
    "unix::fs::lchown",
    "File::open",
    "File::create",
    "OpenOptions",
    ".canonicalize()",
    ".exists()",
    ".read_dir()",
];

/// `files` is the one place for it; the folder of `install` is one that nobody else may write to, which it makes sure of.
const EXEMPT: [&str; 4] = ["files.rs", "files/", "install.rs", "install/"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn no_file_is_reached_by_a_path_but_in_the_module_for_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        if EXEMPT.iter().any(|exempt| name.starts_with(exempt)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        for word in BY_PATH {
            assert!(
                !product.contains(word),
                "{name} has {word}: use crate::files"
            );
        }
    }
}

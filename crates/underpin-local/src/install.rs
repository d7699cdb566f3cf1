//! Portable binaries for machines without PostgreSQL and without root.

use std::path::{Path, PathBuf};

/// The folders of programs that were unpacked below `cache_dir`, newest major first.
pub(crate) fn unpacked_folders(cache_dir: &Path) -> Vec<PathBuf> {
    let _ = cache_dir;
    Vec::new()
}

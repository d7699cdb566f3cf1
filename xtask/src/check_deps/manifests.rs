//! The workspace's crates as cargo sees them, and what is wrong with their manifests.

use super::TEST_ARROWS;
use crate::shell;
use anyhow::Context;
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// None: a normal dependency; else `dev` or `build`.
    kind: Option<String>,
}

/// Asks cargo.
pub(super) fn read() -> anyhow::Result<Vec<Package>> {
    let json = shell::output(&mut shell::cargo([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))?;
    let metadata: Metadata =
        serde_json::from_str(&json).context("could not read the answer of `cargo metadata`")?;
    Ok(metadata.packages)
}

impl Package {
    /// Every rule that this crate's manifest breaks.
    pub(super) fn findings(
        &self,
        arrows: &[(&str, &[&str])],
        owned: &[(&str, &[&str])],
    ) -> Vec<String> {
        let Some((_, allowed)) = arrows.iter().find(|(name, _)| *name == self.name) else {
            return vec![format!(
                "{} has no line in the table of arrows (xtask/src/check_deps.rs)",
                self.name
            )];
        };
        let mut findings = Vec::new();
        for Dependency { name, kind } in &self.dependencies {
            let is_dev = kind.as_deref() == Some("dev");
            let is_ours = arrows.iter().any(|(ours, _)| ours == name);
            let is_allowed = allowed.contains(&name.as_str())
                || (is_dev && TEST_ARROWS.contains(&name.as_str()));
            if is_ours && !is_allowed {
                findings.push(format!("{} must not depend on {name}", self.name));
            }
            let is_free = self.name == "xtask" || self.is_example();
            let owners = owned
                .iter()
                .find(|(foreign, _)| foreign == name)
                .map(|(_, owners)| *owners)
                .filter(|owners| !is_free && !owners.contains(&self.name.as_str()));
            if let Some(owners) = owners {
                findings.push(format!(
                    "{} must not name {name}: only {} does",
                    self.name,
                    owners.join(" or ")
                ));
            }
        }
        if !self.has_workspace_lints() {
            findings.push(format!("{} lacks `[lints] workspace = true`", self.name));
        }
        findings
    }

    /// Stands for a user's program.
    fn is_example(&self) -> bool {
        self.manifest_path
            .starts_with(shell::root().join("examples"))
    }

    fn has_workspace_lints(&self) -> bool {
        let manifest: Option<toml::Table> = fs::read_to_string(&self.manifest_path)
            .ok()
            .and_then(|text| text.parse().ok());
        manifest
            .and_then(|manifest| manifest.get("lints")?.get("workspace")?.as_bool())
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependency: &str, kind: Option<&str>) -> Package {
        let dependencies = vec![Dependency {
            name: dependency.to_owned(),
            kind: kind.map(str::to_owned),
        }];
        let manifest_path = shell::root().join("xtask/Cargo.toml");
        Package {
            name: name.to_owned(),
            manifest_path,
            dependencies,
        }
    }

    fn check(name: &str, dependency: &str, kind: Option<&str>, expected: &[&str]) {
        assert_eq!(
            package(name, dependency, kind).findings(&super::super::ARROWS, &super::super::OWNED),
            expected
        );
    }

    #[test]
    fn arrows_go_down_only() {
        check("underpin-pool", "underpin-core", None, &[]);
        check(
            "underpin-core",
            "underpin-pool",
            None,
            &["underpin-core must not depend on underpin-pool"],
        );
        check("underpin-pool", "underpin-testkit", Some("dev"), &[]);
        check(
            "underpin-pool",
            "underpin-testkit",
            None,
            &["underpin-pool must not depend on underpin-testkit"],
        );
    }

    #[test]
    fn the_protocol_is_named_by_the_pool_alone() {
        check("underpin-pool", "postgres-protocol", None, &[]);
        check(
            "underpin-stores",
            "postgres-protocol",
            None,
            &["underpin-stores must not name postgres-protocol: only underpin-pool does"],
        );
    }

    #[test]
    fn a_crate_without_a_line_in_the_table_is_found() {
        check(
            "underpin-new",
            "serde",
            None,
            &["underpin-new has no line in the table of arrows (xtask/src/check_deps.rs)"],
        );
    }
}

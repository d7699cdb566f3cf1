//! A folder with settings files, and what loading says.

use std::fs;
use tempfile::TempDir;
use underpin_core::config::{Config, Sources};
use underpin_core::{Chain, ErrorKind};

/// Sources that know nothing but these files, of which an empty one is not written.
pub(crate) fn files(dotenv: &str, toml: &str) -> (TempDir, Sources) {
    let folder = TempDir::new().unwrap();
    for (name, text) in [(".env", dotenv), ("underpin.toml", toml)] {
        if !text.is_empty() {
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    let sources = Sources::default().with_folder(folder.path());
    (folder, sources)
}

/// Adds variables.
pub(crate) fn with(sources: Sources, variables: &[(&str, &str)]) -> Sources {
    let add = |sources: Sources, (name, value): &(&str, &str)| sources.with_variable(name, *value);
    variables.iter().fold(sources, add)
}

/// Loads what must be right.
pub(crate) fn load(sources: &Sources) -> Config {
    Config::load(sources).unwrap_or_else(|error| panic!("{}", Chain(&error)))
}

/// Loads what must be wrong: the error with its causes, and its hint. The folder's name is left out.
pub(crate) fn refusal(sources: &Sources, folder: Option<&TempDir>) -> (String, String) {
    let error = Config::load(sources).expect_err("these settings must be refused");
    assert_eq!(error.kind(), ErrorKind::Config);
    let folder = folder.map_or_else(
        || String::from("no folder"),
        |folder| format!("{}/", folder.path().display()),
    );
    let text = Chain(&error).to_string().replace(&folder, "");
    (text, String::from(error.hint().unwrap_or_default()))
}

/// Value and origin of a setting.
pub(crate) fn shown(config: &Config, key: &str) -> (String, String) {
    let entry = config
        .entries()
        .iter()
        .find(|entry| entry.key == key)
        .unwrap();
    let origin = entry.origin.to_string();
    let origin = origin
        .rsplit_once('/')
        .map_or(origin.as_str(), |(_, name)| name);
    (entry.value.clone(), String::from(origin))
}

/// What is wrong with the settings in a folder.
pub(crate) fn error_in(folder: &std::path::Path) -> Option<underpin_core::config::Error> {
    Config::load(&Sources::default().with_folder(folder)).err()
}

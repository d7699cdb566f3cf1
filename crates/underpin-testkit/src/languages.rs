//! Languages other than English in which the shared cluster can speak.

use crate::shared_cluster;
use underpin_core::{Chain, DatabaseUrl};
use underpin_pool::{Options, Session};

/// What `cargo xtask test` makes with `localedef`. In one the words stand in another order and the quotes are others, the
/// other is not written in Latin letters.
const LANGUAGES: [&str; 2] = ["de_DE.UTF-8", "ja_JP.UTF-8"];

/// The languages that the server speaks, as values of `lc_messages`; proven by an error that is not English. For each that it
/// does not, says why tests are skipped.
///
/// # Panics
/// When the shared cluster does not answer.
pub async fn languages() -> Vec<&'static str> {
    let url = shared_cluster().await.url("postgres");
    let mut spoken = Vec::new();
    for language in LANGUAGES {
        match is_spoken(&url, language).await {
            Ok(()) => spoken.push(language),
            Err(why) => say(&format!("skipped in {language}: {why}")),
        }
    }
    spoken
}

/// The address of a database whose sessions speak this language.
#[must_use]
pub fn in_language(mut url: DatabaseUrl, language: &str) -> DatabaseUrl {
    let speak = format!("-c lc_messages={language}");
    url.options = Some(match url.options {
        Some(others) => format!("{others} {speak}"),
        None => speak,
    });
    url
}

async fn is_spoken(url: &DatabaseUrl, language: &str) -> Result<(), String> {
    let options = Options::new(in_language(url.clone(), language));
    let session = Session::connect(&options).await.map_err(|error| {
        format!(
            "this machine has no such locale (as root: `cargo xtask test`, or `localedef -f UTF-8 -i` …): {}",
            Chain(&error)
        )
    })?;
    let error = session.batch("SELECT no_such_column").await;
    let report = error.expect_err("there is no such column");
    let message = report.server().map_or("", |report| report.message.as_str());
    match message.is_ascii() {
        false => Ok(()),
        true => Err(format!(
            "this PostgreSQL has no translations, it says: {message}"
        )),
    }
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn say(why: &str) {
    eprintln!("{why}");
}

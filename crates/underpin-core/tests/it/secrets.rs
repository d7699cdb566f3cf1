//! No dump of settings contains a password.

use crate::support::{files, load, with};
use underpin_core::config::Sources;

#[track_caller]
fn check(sources: &Sources) {
    let config = load(sources);
    assert_eq!(
        config
            .database
            .url
            .as_ref()
            .unwrap()
            .password
            .as_ref()
            .unwrap()
            .expose(),
        "hunter2"
    );
    let dump = format!(
        "{config:?}\n{config:#?}\n{sources:?}\n{:?}\n{}",
        config.entries(),
        config.database.url.as_ref().unwrap()
    );
    assert!(
        dump.contains("********") && !dump.contains("hunter2"),
        "{dump}"
    );
}

#[test]
fn no_dump_of_a_config_contains_the_password() {
    let url = "postgres://app:hunter2@localhost/notes";
    check(&with(Sources::default(), &[("DATABASE_URL", url)]));
    check(&with(
        Sources::default(),
        &[("DATABASE_URL", "host=localhost user=app password=hunter2")],
    ));
    check(&with(
        Sources::default(),
        &[
            ("POSTGRES_SERVER", "localhost"),
            ("POSTGRES_PASSWORD", "hunter2"),
        ],
    ));
    check(&with(
        Sources::default(),
        &[
            ("PGHOST", "localhost"),
            ("PGUSER", "app"),
            ("PGPASSWORD", "hunter2"),
        ],
    ));
    check(&Sources::default().with_flag("--database-url", "database.url", Some(String::from(url))));
    let (_folder, sources) = files(&format!("DATABASE_URL={url}\n"), "");
    check(&sources);
    let (_folder, sources) = files("", &format!("[database]\nurl = \"{url}\"\n"));
    check(&sources);
}

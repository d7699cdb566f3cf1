//! What production refuses.

use crate::support::{files, load, refusal, shown, with};
use underpin_core::config::{Environment, Sources};

const PRODUCTION: (&str, &str) = ("ENVIRONMENT", "production");

#[test]
fn production_refuses_the_embedded_cluster() {
    let expected = "environment is production, but database.url (default) is the embedded cluster";
    let (text, hint) = refusal(&with(Sources::default(), &[PRODUCTION]), None);
    assert_eq!(
        (text.as_str(), hint.as_str()),
        (expected, "set DATABASE_URL, or set ENVIRONMENT=development")
    );
    let (text, _) = refusal(
        &with(
            Sources::default(),
            &[PRODUCTION, ("DATABASE_URL", "embedded")],
        ),
        None,
    );
    assert_eq!(
        text,
        expected.replace("default", "environment DATABASE_URL")
    );
}

#[test]
fn production_refuses_weak_tls_to_remote_hosts() {
    for mode in ["disable", "allow", "prefer", "require", "verify-ca"] {
        let url = format!("postgres://app:hunter2@db.example/n?sslmode={mode}");
        let sources = with(Sources::default(), &[("DATABASE_URL", &url)]);
        assert_eq!(load(&sources).environment, Environment::Development);
        let (text, hint) = refusal(&with(sources, &[PRODUCTION]), None);
        let mode = mode.replace("allow", "prefer");
        assert_eq!(
            text,
            format!(
                "environment is production, but database.url (environment DATABASE_URL) has sslmode={mode} for a host that is not local"
            )
        );
        assert!(hint.contains("sslmode=verify-full"), "{hint}");
    }
}

#[test]
fn production_takes_verified_tls_and_local_hosts() {
    for url in [
        "postgres://app@db.example/n",
        "postgres://app@db.example/n?sslmode=verify-full",
        "postgres://app@localhost/n?sslmode=disable",
        "postgres://app@%2Frun%2Fpostgresql/n",
    ] {
        let config = load(&with(
            Sources::default(),
            &[PRODUCTION, ("DATABASE_URL", url)],
        ));
        assert_eq!(config.environment, Environment::Production, "{url}");
    }
}

#[test]
fn dotenv_is_not_read_in_production() {
    let dotenv = "DATABASE_URL=postgres://dot@localhost/a\nDB_POOL_SIZE=nonsense\nbroken line\n";
    let (folder, sources) = files(
        dotenv,
        "environment = \"production\"\n[database]\nurl = \"postgres://toml@localhost/a\"\n",
    );
    let config = load(&sources);
    assert_eq!(shown(&config, "database.url").1, "underpin.toml line 3");
    assert_eq!(config.pool.size, 10);
    let (text, _) = refusal(
        &with(sources, &[("ENVIRONMENT", "development")]),
        Some(&folder),
    );
    assert!(
        text.contains("nonsense") && text.contains(".env line 3"),
        "{text}"
    );
}

#[test]
fn dotenv_cannot_ask_for_production() {
    let (folder, sources) = files("ENVIRONMENT=production\n", "");
    let (text, hint) = refusal(&sources, Some(&folder));
    assert_eq!(
        text,
        "environment (.env line 1, ENVIRONMENT) can only be development there"
    );
    assert!(
        hint.contains("set ENVIRONMENT in the environment"),
        "{hint}"
    );
    let (_folder, sources) = files("ENVIRONMENT=development\n", "");
    load(&sources);
}

#[test]
fn a_config_changed_afterwards_can_be_checked_again() {
    let mut config = load(&Sources::default());
    config.validate().unwrap();
    config.environment = Environment::Production;
    assert!(config.validate().is_err());
}

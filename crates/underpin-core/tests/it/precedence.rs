//! Which of the five places counts.

use crate::support::{files, load, shown, with};
use std::time::Duration;
use underpin_core::config::{LogFormat, PoolSettings, Sources};

#[test]
fn a_flag_beats_the_environment_beats_dotenv_beats_the_file_beats_the_default() {
    let place = |count: usize, expected: (&str, &str)| {
        let dotenv = if count >= 2 {
            "\nUNDERPIN_LISTEN=127.0.0.1:2\n"
        } else {
            ""
        };
        let toml = if count >= 1 {
            "[server]\nlisten = \"127.0.0.1:1\"\n"
        } else {
            ""
        };
        let (_folder, mut sources) = files(dotenv, toml);
        if count >= 3 {
            sources = sources.with_variable("UNDERPIN_LISTEN", "127.0.0.1:3");
        }
        if count >= 4 {
            sources = sources.with_flag(
                "--listen",
                "server.listen",
                Some(String::from("127.0.0.1:4")),
            );
        }
        let (value, origin) = shown(&load(&sources), "server.listen");
        assert_eq!((value.as_str(), origin.as_str()), expected);
    };
    place(0, ("127.0.0.1:8000", "default"));
    place(1, ("127.0.0.1:1", "underpin.toml line 2"));
    place(2, ("127.0.0.1:2", ".env line 2, UNDERPIN_LISTEN"));
    place(3, ("127.0.0.1:3", "environment UNDERPIN_LISTEN"));
    place(4, ("127.0.0.1:4", "flag --listen"));
}

#[test]
fn every_setting_reaches_its_field_from_the_environment_and_from_the_file() {
    let toml = r#"
        environment = "development"
        [pool]
        size = 3
        max_overflow = 4
        timeout = "500ms"
        recycle = "2h"
        idle_timeout = 90
        min_idle = 1
        pre_ping = false
        lanes = 0
        slow_query = 1.5
        echo = true
        statement_cache = 7
        statement_timeout = "1s"
        lock_timeout = "2s"
        idle_in_transaction_timeout = "3s"
        cancel_on_drop = false
        leak_threshold = "1m"
        shutdown_grace = "4s"
        [server]
        listen = "0.0.0.0:1"
        allowed_origins = ["https://a.example", "http://localhost:3000"]
        request_timeout = "5s"
        shutdown_grace = "0s"
        [log]
        level = "warn,underpin_pool=debug"
        format = "json"
        [local]
        postgres_bin = "/opt/pg/bin"
        data_dir = "/srv/data"
    "#;
    let (_folder, from_file) = files("", toml);
    let from_file = load(&from_file);
    // The same values once more, through the variables that the entries name.
    let mut sources = Sources::default();
    for entry in from_file.entries() {
        sources = sources.with_variable(entry.variable, entry.value.as_str());
    }
    for config in [from_file, load(&sources)] {
        let expected = PoolSettings {
            size: 3,
            max_overflow: 4,
            timeout: Duration::from_millis(500),
            recycle: Duration::from_secs(7200),
            idle_timeout: Duration::from_secs(90),
            min_idle: 1,
            pre_ping: false,
            lanes: 0,
            slow_query: Duration::from_millis(1500),
            echo: true,
            statement_cache: 7,
            statement_timeout: Some(Duration::from_secs(1)),
            lock_timeout: Some(Duration::from_secs(2)),
            idle_in_transaction_timeout: Some(Duration::from_secs(3)),
            cancel_on_drop: false,
            leak_threshold: Some(Duration::from_secs(60)),
            shutdown_grace: Duration::from_secs(4),
        };
        assert_eq!(config.pool, expected);
        assert_eq!(config.server.listen.to_string(), "0.0.0.0:1");
        assert_eq!(
            config.server.allowed_origins,
            ["https://a.example", "http://localhost:3000"]
        );
        assert_eq!(config.server.request_timeout, Duration::from_secs(5));
        assert_eq!(config.server.shutdown_grace, Duration::ZERO);
        assert_eq!(config.log.level, "warn,underpin_pool=debug");
        assert_eq!(config.log.format, Some(LogFormat::Json));
        assert_eq!(
            config.local.postgres_bin.unwrap().to_str(),
            Some("/opt/pg/bin")
        );
        assert_eq!(config.local.data_dir.unwrap().to_str(), Some("/srv/data"));
    }
}

#[test]
fn without_any_source_every_setting_has_its_default() {
    let config = load(&Sources::default());
    assert_eq!(config.pool, PoolSettings::default());
    assert!(config.database.url.is_none());
    for entry in config.entries() {
        assert_eq!(
            (&entry.value, entry.origin.to_string().as_str()),
            (&entry.default, "default"),
            "{}",
            entry.key
        );
    }
}

#[test]
fn every_default_can_be_said_as_it_is_shown() {
    let config = load(&Sources::default());
    let say = |sources: Sources, entry: &underpin_core::config::Entry| {
        sources.with_variable(entry.variable, entry.default.as_str())
    };
    let again = load(&config.entries().iter().fold(Sources::default(), say));
    for (entry, said) in config.entries().iter().zip(again.entries()) {
        assert_eq!(entry.value, said.value, "{}", entry.key);
        assert_ne!(said.origin.to_string(), "default", "{}", entry.key);
    }
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let sources = with(
        Sources::default(),
        &[
            ("DB_POOL_SIZE", ""),
            ("DATABASE_URL", ""),
            ("UNDERPIN_WHATEVER", ""),
        ],
    );
    assert_eq!(load(&sources).pool.size, 10);
}

#[test]
fn a_named_file_replaces_the_usual_one() {
    let (folder, sources) = files("", "[pool]\nsize = 1\n");
    let other = folder.path().join("other.toml");
    std::fs::write(&other, "\n[pool]\nsize = 2\n").unwrap();
    let config = load(&sources.with_file(Some(other)));
    assert_eq!(
        shown(&config, "pool.size"),
        (String::from("2"), String::from("other.toml line 3"))
    );
}

#[test]
fn variables_of_others_are_ignored() {
    let sources = with(
        Sources::default(),
        &[
            ("LOGFIRE_TOKEN", "x"),
            ("SURREALDB_URL", "ws://x"),
            ("UNDERPIN_TEST_KEEP", "1"),
            ("UNDERPIN_BENCH_TASKS", "1"),
            ("DB_HOST", "x"),
            ("PGPORT", "x"),
            ("PGPASSWORD", "x"),
            ("POSTGRES_PORT", "tcp://10.0.0.1"),
        ],
    );
    assert!(load(&sources).database.url.is_none());
}

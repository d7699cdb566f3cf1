//! One URL, or variables that are put together.

use crate::support::{files, load, refusal, shown, with};
use underpin_core::config::Sources;

/// Loads with these variables and files; compares value and origin.
fn check(variables: &[(&str, &str)], dotenv: &str, toml: &str, url: &str, origin: &str) {
    let (_folder, sources) = files(dotenv, toml);
    let config = load(&with(sources, variables));
    assert_eq!(
        shown(&config, "database.url"),
        (String::from(url), String::from(origin))
    );
    assert_eq!(config.database.url.is_none(), url == "embedded");
}

#[test]
fn a_url_counts_in_the_usual_order() {
    let env = (
        "DATABASE_URL",
        "postgresql+asyncpg://env:hunter2@localhost/a",
    );
    let toml = "[database]\nurl = \"postgres://toml@localhost/a\"\n";
    check(
        &[env],
        "",
        toml,
        "postgresql://env:********@localhost:5432/a",
        "environment DATABASE_URL",
    );
    check(
        &[],
        "",
        toml,
        "postgresql://toml@localhost:5432/a",
        "underpin.toml line 2",
    );
    let dotenv = "DATABASE_URL=postgres://dot@localhost/a";
    check(
        &[],
        dotenv,
        toml,
        "postgresql://dot@localhost:5432/a",
        ".env line 1, DATABASE_URL",
    );
    check(
        &[("DATABASE_URL", "embedded")],
        dotenv,
        toml,
        "embedded",
        "environment DATABASE_URL",
    );
}

#[test]
fn postgres_variables_are_put_together() {
    let some = [
        ("POSTGRES_SERVER", "localhost"),
        ("POSTGRES_PASSWORD", "p@ss/word"),
        ("POSTGRES_DB", "app"),
    ];
    let origin = "environment POSTGRES_SERVER, POSTGRES_PASSWORD, POSTGRES_DB";
    check(
        &some,
        "",
        "",
        "postgresql://postgres:********@localhost:5432/app",
        origin,
    );

    let all = [
        ("POSTGRES_SERVER", "db"),
        ("POSTGRES_PORT", "6000"),
        ("POSTGRES_USER", "me"),
        ("PGSSLMODE", "disable"),
        ("PGUSER", "other"),
    ];
    let origin = "environment POSTGRES_SERVER, POSTGRES_PORT, POSTGRES_USER, PGSSLMODE";
    check(
        &all,
        "",
        "",
        "postgresql://me@db:6000/me?sslmode=disable",
        origin,
    );
}

#[test]
fn libpq_variables_are_put_together() {
    let all = [
        ("PGHOST", "/run/postgresql"),
        ("PGPORT", "6000"),
        ("PGUSER", "me"),
        ("PGPASSWORD", "secret"),
        ("PGDATABASE", "app"),
        ("PGAPPNAME", "demo"),
        ("PGCONNECT_TIMEOUT", "3"),
    ];
    let origin =
        "environment PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGAPPNAME, PGCONNECT_TIMEOUT";
    let url = "postgresql://me:********@%2Frun%2Fpostgresql:6000/app?application_name=demo&connect_timeout=3";
    check(&all, "", "", url, origin);
    check(
        &[("PGDATABASE", "app"), ("USER", "me")],
        "",
        "",
        "postgresql://me@localhost:5432/app",
        "environment PGDATABASE",
    );
}

#[test]
fn a_whole_url_beats_parts_and_postgres_beats_libpq_within_one_place() {
    let url = ("DATABASE_URL", "postgres://url@localhost/a");
    let postgres = ("POSTGRES_SERVER", "localhost");
    let libpq = [("PGHOST", "localhost"), ("PGUSER", "pg")];
    check(
        &[url, postgres, libpq[0], libpq[1]],
        "",
        "",
        "postgresql://url@localhost:5432/a",
        "environment DATABASE_URL",
    );
    check(
        &[postgres, libpq[0], libpq[1]],
        "",
        "",
        "postgresql://postgres@localhost:5432/postgres",
        "environment POSTGRES_SERVER",
    );
    check(
        &libpq,
        "",
        "",
        "postgresql://pg@localhost:5432/pg",
        "environment PGHOST, PGUSER",
    );
    // The place comes first: parts in the environment beat a whole URL in `.env`.
    let dotenv = "DATABASE_URL=postgres://dot@localhost/a";
    check(
        &[postgres],
        dotenv,
        "",
        "postgresql://postgres@localhost:5432/postgres",
        "environment POSTGRES_SERVER",
    );
}

#[test]
fn parts_may_stand_in_both_places() {
    let dotenv = "# local\nPOSTGRES_SERVER=localhost\nPOSTGRES_USER=dot\nPOSTGRES_PASSWORD=x\n";
    let url = "postgresql://env:********@localhost:5432/env";
    check(
        &[("POSTGRES_USER", "env")],
        dotenv,
        "",
        url,
        ".env line 2, POSTGRES_SERVER, POSTGRES_USER, POSTGRES_PASSWORD",
    );
}

#[test]
fn a_user_that_is_not_named_is_the_one_at_the_keyboard() {
    let url = ("DATABASE_URL", "postgres://localhost/a");
    check(
        &[url, ("USER", "me")],
        "",
        "",
        "postgresql://me@localhost:5432/a",
        "environment DATABASE_URL",
    );
    check(
        &[url, ("LOGNAME", "me")],
        "",
        "",
        "postgresql://me@localhost:5432/a",
        "environment DATABASE_URL",
    );
    let (text, _) = refusal(&with(Sources::default(), &[url]), None);
    assert_eq!(
        text,
        "database.url (environment DATABASE_URL) cannot be used: the database URL names no user"
    );
}

#[test]
fn half_a_server_is_refused() {
    for name in ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"] {
        let sources = with(Sources::default(), &[(name, "hunter2")]);
        let (text, hint) = refusal(&sources, None);
        assert_eq!(
            text,
            format!(
                "database.url (environment {name}) says how to log in, but POSTGRES_SERVER is not set"
            )
        );
        assert!(hint.contains("set POSTGRES_SERVER"), "{hint}");
        load(&sources.with_variable("DATABASE_URL", "embedded"));
    }
}

#[test]
fn what_libpq_reads_and_we_do_not_is_refused() {
    let sources = with(
        Sources::default(),
        &[
            ("PGHOST", "localhost"),
            ("PGUSER", "me"),
            ("PGHOSTADDR", "10.0.0.1"),
        ],
    );
    let (text, _) = refusal(&sources, None);
    assert_eq!(text, "PGHOSTADDR is not supported");
}

#[test]
fn a_bad_url_names_its_source_and_not_its_text() {
    let check = |variables: &[(&str, &str)], toml: &str, expected: &str| {
        let (folder, sources) = files("", toml);
        let (text, hint) = refusal(&with(sources, variables), Some(&folder));
        assert_eq!(text, expected);
        assert!(!hint.is_empty() && !format!("{text}{hint}").contains("hunter2"));
    };
    check(
        &[("DATABASE_URL", "garbage-hunter2")],
        "",
        "database.url (environment DATABASE_URL) cannot be used: the text is not a database URL",
    );
    check(
        &[],
        "[database]\nurl = \"postgres://app:hunter2@localhost/a?sslmod=require\"\n",
        "database.url (underpin.toml line 2) cannot be used: unknown parameter \"sslmod\"",
    );
    check(
        &[
            ("POSTGRES_SERVER", "localhost"),
            ("POSTGRES_PORT", "hunter2"),
        ],
        "",
        "database.url (environment POSTGRES_SERVER, POSTGRES_PORT) cannot be used: \
         the port of host 1 is not a number from 1 to 65535",
    );
}

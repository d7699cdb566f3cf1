//! Every mistake is named: key, source, value, what is allowed.

use crate::support::{files, load, refusal, with};
use std::ffi::OsString;
use underpin_core::config::Sources;

#[track_caller]
fn check_variable(name: &str, value: &str, expected: &str) {
    let (text, _) = refusal(&with(Sources::default(), &[(name, value)]), None);
    assert_eq!(text, expected);
}

#[track_caller]
fn check_file(toml: &str, expected: &str, expected_hint: &str) {
    let (folder, sources) = files("", toml);
    let (text, hint) = refusal(&sources, Some(&folder));
    assert_eq!(text, expected);
    assert!(hint.contains(expected_hint), "{hint}");
}

#[track_caller]
fn check_dotenv(dotenv: &str, expected: &str) {
    let (folder, sources) = files(dotenv, "");
    let (text, _) = refusal(&sources, Some(&folder));
    assert_eq!(text, expected);
}

#[test]
fn out_of_range_names_the_range() {
    check_variable(
        "DB_POOL_SIZE",
        "0",
        "pool.size (environment DB_POOL_SIZE): \"0\" is out of range; allowed: 1 to 10000",
    );
    check_variable(
        "DB_MAX_OVERFLOW",
        "-1",
        "pool.max_overflow (environment DB_MAX_OVERFLOW): \"-1\" is out of range; allowed: 0 to 10000",
    );
    check_variable(
        "DB_POOL_TIMEOUT",
        "2h",
        "pool.timeout (environment DB_POOL_TIMEOUT): \"2h\" is out of range; allowed: 10ms to 10m (units ms, s, m, h)",
    );
    check_file(
        "[pool]\nlanes = 65\n",
        "pool.lanes (underpin.toml line 2): \"65\" is out of range; allowed: 0 to 64",
        "",
    );
    check_dotenv(
        "DB_SLOW_QUERY=-1s",
        "pool.slow_query (.env line 1, DB_SLOW_QUERY): \"-1s\" is out of range; allowed: 0s to 1h (units ms, s, m, h)",
    );
}

#[test]
fn a_bad_unit_names_the_units() {
    check_variable(
        "DB_POOL_TIMEOUT",
        "5x",
        "pool.timeout (environment DB_POOL_TIMEOUT): \"5x\" has an unknown unit; allowed: 10ms to 10m (units ms, s, m, h)",
    );
    check_variable(
        "DB_LOCK_TIMEOUT",
        "1 day",
        "pool.lock_timeout (environment DB_LOCK_TIMEOUT): \"1 day\" has an unknown unit; allowed: 1ms to 24h (units ms, s, m, h), or none",
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_named() {
    check_variable(
        "DB_POOL_SIZE",
        "ten",
        "pool.size (environment DB_POOL_SIZE): \"ten\" is not a whole number; allowed: 1 to 10000",
    );
    check_variable(
        "DB_ECHO_SQL",
        "maybe",
        "pool.echo (environment DB_ECHO_SQL): \"maybe\" is neither true nor false; allowed: true or false (also on, off, yes, no, 1, 0)",
    );
    check_variable(
        "ENVIRONMENT",
        "staging",
        "environment (environment ENVIRONMENT): \"staging\" is none of the choices; allowed: development or production",
    );
    check_variable(
        "LOG_LEVEL",
        "verbose",
        "log.level (environment LOG_LEVEL): \"verbose\" is not a log filter; allowed: off, error, warn, info, debug, trace, or a list such as underpin_pool=debug,info",
    );
    check_variable(
        "LOG_FORMAT",
        "xml",
        "log.format (environment LOG_FORMAT): \"xml\" is none of the choices; allowed: pretty or json, or auto",
    );
    check_variable(
        "UNDERPIN_LISTEN",
        "8000",
        "server.listen (environment UNDERPIN_LISTEN): \"8000\" is not an address with a port; allowed: ADDRESS:PORT such as 127.0.0.1:8000, localhost:8000, 0.0.0.0:80 or [::1]:0 (port 0 takes a free one)",
    );
    check_file(
        "[pool]\nsize = [1, 2]\n",
        "pool.size (underpin.toml line 2): \"1,2\" is not a whole number; allowed: 1 to 10000",
        "",
    );
    let long = "x".repeat(1000);
    let shown = format!(
        "pool.size (environment DB_POOL_SIZE): \"{}\"… is not a whole number; allowed: 1 to 10000",
        "x".repeat(64)
    );
    check_variable("DB_POOL_SIZE", &long, &shown);
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
    check_file(
        "[pool]\nsize = 1\nmax_overlfow = 3\n",
        "unknown key pool.max_overlfow (underpin.toml line 3)",
        "did you mean pool.max_overflow",
    );
    check_file(
        "[poll]\nsize = 1\n",
        "unknown key poll.size (underpin.toml line 2)",
        "did you mean pool.size",
    );
    check_file(
        "\n[zebra]\n",
        "unknown section zebra (underpin.toml line 2)",
        "`underpin config show` lists every setting",
    );
    check_file(
        "pool = 3\n",
        "pool (underpin.toml line 1) is a section, not a key",
        "write [pool] on a line of its own",
    );
    check_file(
        "[logfire]\ntoken = \"x\"\n",
        "unknown key logfire.token (underpin.toml line 2)",
        "",
    );
}

#[test]
fn an_unknown_variable_of_ours_is_named_with_the_nearest_known_one() {
    let (text, hint) = refusal(&with(Sources::default(), &[("DB_POOL_SIZES", "1")]), None);
    assert_eq!(text, "unknown variable DB_POOL_SIZES (environment)");
    assert_eq!(hint, "did you mean DB_POOL_SIZE in place of DB_POOL_SIZES?");
    check_variable(
        "UNDERPIN_LISTENING",
        "x",
        "unknown variable UNDERPIN_LISTENING (environment)",
    );
    check_dotenv(
        "\nUNDERPIN_DATADIR=x\n",
        "unknown variable UNDERPIN_DATADIR (.env line 2)",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    check_file(
        "[pool\nsize = 1\n",
        "underpin.toml line 1: unclosed table, expected `]`",
        "the file is TOML",
    );
    check_file(
        "[pool]\nsize = 1\nsize = 2\n",
        "underpin.toml line 3: duplicate key",
        "the file is TOML",
    );
    check_dotenv("just words", ".env line 1: there is no `=`");
    let (folder, sources) = files("", "");
    let (text, hint) = refusal(
        &sources
            .clone()
            .with_file(Some(folder.path().join("none.toml"))),
        Some(&folder),
    );
    assert_eq!(text, "there is no settings file none.toml");
    assert!(hint.contains("--config"), "{hint}");
    std::fs::create_dir(folder.path().join("underpin.toml")).unwrap();
    let (text, _) = refusal(&sources, Some(&folder));
    assert!(text.starts_with("could not read underpin.toml: "), "{text}");
}

#[test]
fn files_that_are_not_settings_are_refused_by_size_and_encoding() {
    let (folder, sources) = files("", &"# x\n".repeat(300_000));
    let (text, _) = refusal(&sources, Some(&folder));
    assert_eq!(text, "underpin.toml is longer than 1048576 bytes");
    std::fs::write(folder.path().join("underpin.toml"), b"a = \"\xff\"").unwrap();
    let (text, _) = refusal(&sources, Some(&folder));
    assert!(
        text.starts_with("could not read underpin.toml: ") && text.contains("UTF-8"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_named() {
    use std::os::unix::ffi::OsStringExt;
    let sources = Sources::default().with_variable("DB_POOL_SIZE", OsString::from_vec(vec![0xff]));
    let (text, _) = refusal(&sources, None);
    assert_eq!(text, "the environment variable DB_POOL_SIZE is not UTF-8");
    let others = Sources::default().with_variable("LESS", OsString::from_vec(vec![0xff]));
    load(&others);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let (text, hint) = refusal(
        &with(Sources::default(), &[("DB_POOL_MIN_IDLE", "11")]),
        None,
    );
    assert_eq!(
        text,
        "pool.min_idle is 11, more than pool.size, which is 10"
    );
    assert!(hint.contains("DB_POOL_SIZE"), "{hint}");
}

#[test]
fn all_mistakes_are_reported_together() {
    let (folder, sources) = files("DB_POOL_LANES=many\n", "[pool]\nsiez = 1\n");
    let sources = with(
        sources,
        &[
            ("DB_POOL_TIMEOUT", "5x"),
            ("DATABASE_URL", "garbage"),
            ("DB_POOL_MIN_IDLE", "11"),
        ],
    );
    let (text, hint) = refusal(&sources, Some(&folder));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "4 settings are wrong");
    assert_eq!(
        lines[1],
        "- database.url (environment DATABASE_URL) cannot be used: the text is not a database URL"
    );
    assert!(
        lines[2].starts_with("- pool.timeout (environment DB_POOL_TIMEOUT)"),
        "{text}"
    );
    assert!(
        lines[3].starts_with("- pool.lanes (.env line 1, DB_POOL_LANES)"),
        "{text}"
    );
    assert_eq!(lines[4], "- unknown key pool.siez (underpin.toml line 2)");
    assert!(
        hint.contains("postgres://USER") && hint.contains("did you mean pool.size"),
        "{hint}"
    );
}

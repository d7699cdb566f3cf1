//! What a file allows, what it gets wrong, and what cannot be read.

use underpin_migrate::lint::{self, Level, Settings};

const DROP: &str = "ALTER TABLE app.orders DROP COLUMN fax;";

#[test]
fn a_file_may_allow_by_name_and_by_number() {
    for rule in ["ban-drop-column", "rule18", "rule30,ban-drop-column"] {
        let sql = format!("-- underpin: allow={rule} reason=\"unused since v4\"\n{DROP}");
        let report = lint::report(&sql, &Settings::default());
        assert!(
            report
                .findings
                .iter()
                .all(|it| it.rule.name != "ban-drop-column"),
            "{rule}"
        );
        let allowed: Vec<_> = report.allowed.iter().map(|it| it.reason.as_str()).collect();
        assert_eq!(allowed, ["unused since v4"], "{rule}");
    }
}

#[test]
fn a_mistake_in_an_option_is_an_error_with_its_line() {
    let check = |sql: &str, line: u32, message: &str| {
        let findings = lint::check(sql, &Settings::default());
        let found = findings
            .iter()
            .find(|it| it.rule.name == "bad-option")
            .expect(sql);
        assert_eq!((found.level, found.line), (Level::Error, line), "{found:?}");
        assert!(found.message.contains(message), "{found:?}");
        assert!(found.help.is_some(), "{found:?}");
    };
    check(
        "-- a\n-- underpin: allow=ban-drop-colunm reason=\"x\"\nSELECT 1;",
        2,
        "no lint rule \"ban-drop-colunm\"",
    );
    check(
        "-- underpin: allow=ban-drop-column\nSELECT 1;",
        1,
        "without a reason",
    );
    check("-- underpin: alow=x\nSELECT 1;", 1, "unknown option");
    check(
        "SELECT 1;\n-- underpin: allow=rule18 reason=\"x\"\n",
        2,
        "after the first statement",
    );
}

#[test]
fn what_does_not_parse_is_reported_and_the_rest_is_checked() {
    let check = |sql: &str, line: u32, column: u32| {
        let findings = lint::check(sql, &Settings::default());
        let unread: Vec<_> = findings
            .iter()
            .filter(|it| it.rule.name == "syntax-error")
            .collect();
        let places: Vec<_> = unread
            .iter()
            .map(|it| (it.level, it.line, it.column))
            .collect();
        assert_eq!(places, [(Level::Error, line, column)], "{sql}: {unread:?}");
        assert!(
            findings.iter().any(|it| it.rule.name == "ban-drop-column"),
            "{sql}"
        );
    };
    check(&format!("CREATE TABLE x (id bigint;\n{DROP}"), 1, 26);
    check(&format!("{DROP}\nSELEC 1;"), 2, 1);
    check(&format!("{DROP}\n\\d orders\n;"), 2, 1);
    check(&format!("{DROP}\nSELECT 'never ends"), 2, 8);
    check(&format!("{DROP}\n/* never ends"), 2, 1);
    let deep = format!("{DROP}\nSELECT {}1{};", "(".repeat(9000), ")".repeat(9000));
    check(&deep, 2, 263);
}

#[test]
fn a_byte_order_mark_and_other_line_ends_change_nothing() {
    let names = |sql: &str| {
        let findings = lint::check(sql, &Settings::default());
        findings
            .iter()
            .map(|it| (it.rule.name, it.line))
            .collect::<Vec<_>>()
    };
    let plain = format!("SELECT 1;\n{DROP}\n");
    assert_eq!(names(&plain), names(&format!("\u{feff}{plain}")));
    assert_eq!(names(&plain), names(&plain.replace('\n', "\r\n")));
    let column = |sql: &str| lint::check(sql, &Settings::default())[0].column;
    assert_eq!(column(DROP), column(&format!("\u{feff}{DROP}")));
}

#[test]
fn what_only_psql_understands_is_told_and_hides_nothing() {
    let check = |sql: &str, expected: &[(&str, u32)]| {
        let findings = lint::check(sql, &Settings::default());
        let errors = findings.iter().filter(|it| it.level == Level::Error);
        let found: Vec<_> = errors.map(|it| (it.rule.name, it.line)).collect();
        assert_eq!(found, expected, "{sql}");
    };
    let dump = format!(
        "\\restrict token\nCOPY app.t (a) FROM stdin;\n1\tit's; DROP TABLE x;\n\\\\.\n\\.\n{DROP}\nCOPY app.u FROM STDIN;\n\\.\n{DROP}"
    );
    let expected = [("ban-drop-column", 6), ("ban-drop-column", 9)];
    check(&dump, &expected);
    check(&dump.replace('\n', "\r\n"), &expected);
    check(
        &format!("\\d orders\n{DROP}"),
        &[("syntax-error", 1), ("ban-drop-column", 2)],
    );
    check(
        &format!("SELECT '\n\\d orders';\n{DROP}"),
        &[("ban-drop-column", 3)],
    );
    check(
        &format!("COPY app.t FROM stdin;\n1;{DROP}"),
        &[("syntax-error", 1)],
    );
    check(
        &format!("COPY app.t FROM '/data';\n{DROP}"),
        &[("ban-drop-column", 2)],
    );
}

#[test]
fn elements_of_a_schema_keep_their_lines() {
    let sql =
        format!("CREATE SCHEMA s\nCREATE TABLE t (a bigint)\nCREATE VIEW v AS SELECT 1;\n{DROP}");
    let findings = lint::check(&sql, &Settings::default());
    let drop = findings.iter().find(|it| it.rule.name == "ban-drop-column");
    assert_eq!(drop.map(|it| it.line), Some(4));
}

#[test]
fn an_outer_transaction_is_taken_into_account() {
    let mut settings = Settings::default();
    settings.assume_in_transaction = true;
    let findings = lint::check("DROP INDEX CONCURRENTLY app.i;", &settings);
    assert!(
        findings
            .iter()
            .any(|it| it.rule.name == "non-transactional-in-transaction")
    );
}

use super::*;
use crate::sql;
use std::sync::Arc;

fn hash(text: &str) -> Hash {
    let file = Arc::from("m.up.sql");
    let header = sql::read_header(&file, text).expect(text);
    meaning(&header, text)
}

#[test]
fn layout_comments_and_case_do_not_count() {
    let plain = hash("CREATE TABLE t (a int, b text DEFAULT 'x');\nSELECT 1;");
    for same in [
        "create table T(a INT,b text default 'x') ;;\n\n\tselect 1\n",
        "-- why\nCREATE TABLE t ( -- columns\n  a int,\n  b text DEFAULT 'x' /* x */\n);\nSELECT 1;\n-- end\n",
        "CREATE TABLE t (a int, b text DEFAULT 'x');   \nSELECT 1;\n\n\n",
    ] {
        assert_eq!(hash(same), plain, "{same}");
    }
}

#[test]
fn everything_else_counts() {
    let texts = [
        "CREATE TABLE t (a int, b text DEFAULT 'x')",
        "CREATE TABLE t (a int, b text DEFAULT 'X')",
        "CREATE TABLE t (a int, b text DEFAULT ' x')",
        "CREATE TABLE \"T\" (a int, b text DEFAULT 'x')",
        "CREATE TABLE t (b text DEFAULT 'x', a int)",
        "CREATE TABLE t (a int); CREATE TABLE u (b text DEFAULT 'x')",
        "-- underpin: phase=expand\nCREATE TABLE t (a int, b text DEFAULT 'x')",
        "-- underpin: lock_timeout=1s\nCREATE TABLE t (a int, b text DEFAULT 'x')",
        "SELECT @-1",
        "SELECT @ -1",
        "SELECT 1;SELECT 2",
        "SELECT 2;SELECT 1",
        "DO $$ BEGIN -- a\n END $$",
        "DO $$ BEGIN -- b\n END $$",
    ];
    for (index, one) in texts.iter().enumerate() {
        for other in &texts[index + 1..] {
            assert_ne!(hash(one), hash(other), "{one} / {other}");
        }
    }
}

/// Recorded in every ledger: if this fails, users' applied files would read as changed.
#[test]
fn checksums_of_earlier_releases_stay_valid() {
    let check = |text: &str, expected: &str| assert_eq!(hash(text).to_string(), expected, "{text}");
    check(
        "SELECT 1",
        "31f1846388375292f338755da50847a62b36da0f97875cee3a75d0c7b57a1c13",
    );
    check(
        "-- underpin: parent=20240101000000 allow=rule18 reason=\"x\" lock_timeout=5s deferred\nSELECT a<->b, $1::text, E'\\n', \"Q\" FROM t;",
        "5d6bbb79ccbc8063a25a4166bfaf9d98ead4b7f9e0874608c308af8516b9ea93",
    );
}

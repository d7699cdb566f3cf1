//! The statements on one row, as the derive writes them.

use crate::models::{Booking, Counter, Note};
use underpin_model::{Model, Statements};

/// Compares with `tests/sql/<name>.sql`.
fn check(name: &str, sql: &Statements) {
    let Statements {
        insert,
        get,
        get_any,
        lock,
        delete,
        restore,
        purge,
        by_key,
        touch,
    } = sql;
    let parts = [
        ("insert", insert),
        ("get", get),
        ("get_any", get_any),
        ("lock", lock),
        ("delete", delete),
        ("restore", restore),
        ("purge", purge),
        ("by_key", by_key),
        ("touch", touch),
    ];
    let text: String = parts
        .map(|(part, sql)| format!("-- {part}\n{sql}\n"))
        .concat();
    crate::compare_with_golden_file(&format!("statements_{name}.sql"), &text);
}

#[test]
fn statements_on_one_row_are_as_recorded() {
    check("note", &Note::TABLE.sql);
    check("booking", &Booking::TABLE.sql);
    check("counter", &Counter::TABLE.sql);
}

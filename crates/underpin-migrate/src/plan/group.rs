//! Which statements share a transaction.

use crate::sql::{Class, Seam, Statement, TableLock};

/// Statements that are committed together, or one that runs alone.
#[derive(Debug)]
pub(crate) enum Group<'a> {
    /// In one transaction with their rows in the ledger. Empty for a script without statements.
    Together(&'a [Statement]),
    /// Outside any transaction; recorded before and after.
    Alone(&'a Statement),
}

/// Groups statements in order; never empty, so that a script without statements is recorded too.
///
/// A VALIDATE does not follow a strong lock in its transaction, such as that of NOT VALID, which would be held during the scan; and
/// nothing follows a new enum value in its transaction, which could not use it yet.
pub(crate) fn groups(statements: &[Statement]) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut start = 0;
    let mut before = Seams::default();
    for (index, statement) in statements.iter().enumerate() {
        let alone = statement.class() == Class::Alone;
        let seam = statement.nature().seam;
        if index > start && (alone || before.part(seam)) {
            groups.push(Group::Together(&statements[start..index]));
            start = index;
            before = Seams::default();
        }
        before.add(statement);
        if alone {
            groups.push(Group::Alone(statement));
            start = index + 1;
        }
    }
    if start < statements.len() || groups.is_empty() {
        groups.push(Group::Together(&statements[start..]));
    }
    groups
}

/// What a group has done that a later statement may have to wait for.
#[derive(Default)]
struct Seams {
    locked: bool,
    enum_value: bool,
}

impl Seams {
    /// Does the next statement have to wait for the commit?
    fn part(&self, next: Seam) -> bool {
        (next == Seam::Validate && self.locked) || (next != Seam::EnumValue && self.enum_value)
    }

    fn add(&mut self, statement: &Statement) {
        let seam = statement.nature().seam;
        let is_strong = |lock: TableLock| lock >= TableLock::Share;
        self.locked |= seam == Seam::NotValid || statement.lock().is_some_and(is_strong);
        self.enum_value |= seam == Seam::EnumValue;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// `expected` are the ordinals of each group; one that runs alone is marked by a minus.
    fn check(text: &str, expected: &[&[i64]]) {
        let statements = crate::sql::parse(&Arc::from("m.up.sql"), text).expect(text);
        let ordinal = |it: &Statement| i64::from(it.ordinal());
        let groups: Vec<Vec<i64>> = groups(&statements)
            .into_iter()
            .map(|group| match group {
                Group::Together(statements) => statements.iter().map(ordinal).collect(),
                Group::Alone(statement) => vec![-ordinal(statement)],
            })
            .collect();
        assert_eq!(groups, expected, "{text}");
    }

    #[test]
    fn neighbours_share_a_transaction() {
        check("SELECT 1; SET a = 1; SELECT 3", &[&[1, 2, 3]]);
        check("-- nothing to do", &[&[]]);
    }

    #[test]
    fn what_runs_alone_parts_them() {
        let cic = "CREATE INDEX CONCURRENTLY i ON t (a)";
        check(
            &format!("SELECT 1; {cic}; {cic}; SELECT 4; SELECT 5"),
            &[&[1], &[-2], &[-3], &[4, 5]],
        );
        check(cic, &[&[-1]]);
    }

    #[test]
    fn validation_waits_for_the_next_transaction() {
        check(
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; SELECT 2; ALTER TABLE t VALIDATE CONSTRAINT c",
            &[&[1, 2], &[3]],
        );
        check("ALTER TABLE t VALIDATE CONSTRAINT c; SELECT 2", &[&[1, 2]]);
        check(
            "ALTER TABLE u ADD COLUMN b text; ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t VALIDATE CONSTRAINT d",
            &[&[1], &[2, 3]],
        );
    }

    #[test]
    fn a_new_enum_value_is_committed_before_its_use() {
        check(
            "ALTER TYPE e ADD VALUE 'x'; ALTER TYPE e ADD VALUE 'y'; INSERT INTO t VALUES ('x'); SELECT 4",
            &[&[1, 2], &[3, 4]],
        );
    }
}

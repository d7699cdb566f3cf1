//! Who may see and do what.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &BAN_ALTER_ROW_LEVEL_SECURITY,
    &BAN_CREATE_POLICY,
    &BAN_DROP_POLICY,
    &BAN_ALTER_POLICY_CONDITION,
    &BAN_ALTER_POLICY_ROLES,
    &BAN_REVOKE,
    &BAN_ALTER_ROLE_OPTIONS,
];

static BAN_ALTER_ROW_LEVEL_SECURITY: Rule = Rule {
    name: "ban-alter-row-level-security",
    numbers: &[45],
    level: Level::Warning,
    spares_new: true,
    title: "Row level security switched on locks out, switched off leaks",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Without a policy, switched on means that nobody but the owner sees a row. A second person should look at it.",
    bad: "ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;",
    good: "CREATE VIEW app.open_orders WITH (security_barrier) AS SELECT * FROM app.orders WHERE state = 'open';",
    check: Check::Squawk(Squawk::BanAlterRowLevelSecurity),
    ..Rule::USUAL
};

static BAN_CREATE_POLICY: Rule = Rule {
    name: "ban-create-policy",
    numbers: &[45],
    level: Level::Warning,
    spares_new: true,
    title: "A new policy changes who sees which rows",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Permissive policies are joined by OR: one more shows more. A second person should look at it.",
    bad: "CREATE POLICY own_orders ON app.orders USING (owner = current_user);",
    good: "CREATE VIEW app.open_orders AS SELECT * FROM app.orders WHERE state = 'open';",
    check: Check::Squawk(Squawk::BanCreatePolicy),
    ..Rule::USUAL
};

static BAN_DROP_POLICY: Rule = Rule {
    name: "ban-drop-policy",
    numbers: &[45],
    level: Level::Warning,
    spares_new: true,
    title: "A dropped policy locks out, or leaks when it was restrictive",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "With the last policy gone nobody but the owner sees a row. A second person should look at it.",
    bad: "DROP POLICY own_orders ON app.orders;",
    good: "ALTER POLICY own_orders ON app.orders RENAME TO orders_of_owner;",
    check: Check::Squawk(Squawk::BanDropPolicy),
    ..Rule::USUAL
};

static BAN_ALTER_POLICY_CONDITION: Rule = Rule {
    name: "ban-alter-policy-condition",
    numbers: &[45],
    level: Level::Warning,
    spares_new: true,
    title: "A policy's new condition changes who sees which rows",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "It holds from the commit on for every session. A second person should look at it.",
    bad: "ALTER POLICY own_orders ON app.orders USING (true);",
    good: "ALTER POLICY own_orders ON app.orders RENAME TO orders_of_owner;",
    check: Check::Squawk(Squawk::BanAlterPolicyCondition),
    ..Rule::USUAL
};

static BAN_ALTER_POLICY_ROLES: Rule = Rule {
    name: "ban-alter-policy-roles",
    numbers: &[45],
    level: Level::Warning,
    spares_new: true,
    title: "A policy's new roles change who sees which rows",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "It holds from the commit on for every session. A second person should look at it.",
    bad: "ALTER POLICY own_orders ON app.orders TO public;",
    good: "ALTER POLICY own_orders ON app.orders RENAME TO orders_of_owner;",
    check: Check::Squawk(Squawk::BanAlterPolicyRoles),
    ..Rule::USUAL
};

static BAN_REVOKE: Rule = Rule {
    name: "ban-revoke",
    numbers: &[46],
    level: Level::Warning,
    spares_new: true,
    title: "Rights or ownership taken away may be an outage",
    why: "A program that lacks a right fails at its next statement, not at the deployment.",
    bad: "REVOKE SELECT ON app.orders FROM reporting;",
    good: "CREATE ROLE reporting_readers;",
    check: Check::Squawk(Squawk::BanRevoke),
    ..Rule::USUAL
};

static BAN_ALTER_ROLE_OPTIONS: Rule = Rule {
    name: "ban-alter-role-options",
    numbers: &[46],
    level: Level::Warning,
    title: "A role's options and settings hold for all its sessions",
    why: "Roles belong to the whole cluster: other databases are affected, too.",
    bad: "ALTER ROLE app CONNECTION LIMIT 5;",
    good: "CREATE ROLE app_readers;",
    check: Check::Squawk(Squawk::BanAlterRoleOptions),
    ..Rule::USUAL
};

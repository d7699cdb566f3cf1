//! Each rule's page is true: its unsafe form is reported, its safe form is not.

use underpin_migrate::lint::{self, Needs, PgVersion, Rule, Settings, rules};

/// What a rule is checked with: the version that its page speaks of.
fn settings(rule: &Rule) -> Settings {
    let mut settings = Settings::default();
    settings.pg_version = match (rule.name, rule.needs) {
        ("concurrent-index-corruption", _) => Some(version("14.2")),
        (_, Needs::Version(major)) => Some(version(&major.to_string())),
        _ => None,
    };
    settings
}

fn version(text: &str) -> PgVersion {
    text.parse().expect("a version")
}

/// The rules whose pages show SQL that is reported by itself.
fn checkable() -> impl Iterator<Item = &'static Rule> {
    rules().filter(|it| !matches!(it.needs, Needs::Database | Needs::Folder | Needs::Scratch))
}

#[test]
fn the_unsafe_form_of_every_page_is_reported() {
    for rule in checkable() {
        let findings = lint::check(rule.bad, &settings(rule));
        let names: Vec<_> = findings.iter().map(|it| it.rule.name).collect();
        assert!(names.contains(&rule.name), "{}: {names:?}", rule.name);
    }
}

#[test]
fn the_safe_form_of_every_page_is_silent() {
    for rule in checkable() {
        let mut settings = settings(rule);
        if rule.name == "concurrent-index-corruption" {
            settings.pg_version = Some(version("14.4"));
        }
        let findings = lint::check(rule.good, &settings);
        let own = findings.iter().find(|it| it.rule == rule);
        assert!(own.is_none(), "{own:?}");
    }
}

#[test]
fn every_form_of_every_page_is_sql() {
    for rule in rules().filter(|it| !["syntax-error"].contains(&it.name)) {
        for sql in [rule.bad, rule.good] {
            let findings = lint::check(sql, &settings(rule));
            let unread = findings.iter().find(|it| it.rule.name == "syntax-error");
            assert!(unread.is_none(), "{}: {unread:?}", rule.name);
        }
    }
}

#[test]
fn names_are_unique_and_every_number_has_a_rule() {
    let mut names: Vec<_> = rules().map(|it| it.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for number in 1..=56_u8 {
        assert!(
            rules().any(|it| it.numbers.contains(&number)),
            "rule{number}"
        );
    }
}

#[test]
fn every_rule_says_all_that_a_page_needs() {
    for rule in rules() {
        for text in [
            rule.name, rule.title, rule.lock, rule.why, rule.bad, rule.good,
        ] {
            assert!(!text.trim().is_empty(), "{}", rule.name);
        }
        assert!(!rule.title.ends_with('.'), "{}", rule.name);
        assert!(rule.why.ends_with('.'), "{}", rule.name);
        assert!(lint::page(rule).contains(rule.bad), "{}", rule.name);
    }
}

#[test]
fn an_unknown_rule_is_answered_with_the_nearest_name() {
    let error = lint::rule("ban-drop-colunm").expect_err("no such rule");
    assert_eq!(error.to_string(), "no lint rule \"ban-drop-colunm\"");
    assert!(
        error.hint().is_some_and(|it| it.contains("ban-drop-")),
        "{:?}",
        error.hint()
    );
    assert!(lint::rule("rule57").is_err());
    assert_eq!(lint::rule("rule18").map(|it| it.len()).ok(), Some(1));
}

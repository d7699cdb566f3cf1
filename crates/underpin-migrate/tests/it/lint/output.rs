//! Reports for programs.

use serde_json::Value;
use underpin_migrate::lint::{self, Report, Settings};

fn reports() -> Vec<(String, Report)> {
    let sql = "-- underpin: allow=rule18 reason=\"unused\"\nALTER TABLE app.t DROP COLUMN c;\nCREATE INDEX i ON app.t (d);";
    vec![(
        String::from("a b.sql"),
        lint::report(sql, &Settings::default()),
    )]
}

fn find<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    let mut items = list.as_array().expect("a list").iter();
    items
        .find(|it| it[key] == name)
        .unwrap_or_else(|| panic!("{name} is not in {list:#}"))
}

#[test]
fn json_has_what_the_command_promises() {
    let json = lint::json(&reports());
    let index = find(
        &json["findings"],
        "rule",
        "require-concurrent-index-creation",
    );
    assert_eq!(index["level"], "error");
    assert_eq!(index["file"], "a b.sql");
    assert_eq!((&index["line"], &index["column"]), (&3.into(), &1.into()));
    assert_eq!(index["fix"]["exact"], true);
    assert_eq!(index["fix"]["edits"][0]["text"], " concurrently");
    assert!(index["message"].is_string());
    let allowed = find(&json["allowed"], "rule", "ban-drop-column");
    assert_eq!(allowed["reason"], "unused");
    let missing = find(&json["not_checked"], "rule", "invalid-index");
    assert_eq!(missing["reason"], "no database to look at");
}

#[test]
fn sarif_has_what_readers_of_it_look_for() {
    let sarif = lint::sarif(&reports());
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = &run["tool"]["driver"]["rules"];
    for result in run["results"].as_array().expect("a list") {
        find(rules, "id", result["ruleId"].as_str().expect("a name"));
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().expect("a level")));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.sql");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
    }
    let index = find(
        &run["results"],
        "ruleId",
        "require-concurrent-index-creation",
    );
    let replacement = &index["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], " concurrently");
    let allowed = find(&run["results"], "ruleId", "ban-drop-column");
    assert_eq!(allowed["suppressions"][0]["kind"], "inSource");
}

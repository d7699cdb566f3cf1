//! What others wrote is shown, and obeyed by no terminal: names of files, versions, keys, messages of servers.

use crate::harness::{Finished, Sandbox};
use serde_json::{Value, json};

/// Colours, a title, the cursor, the direction of writing, a line of its own, in one text.
const HOSTILE: &str =
    "1\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{202e}\r\nforged: rejected\u{2028}\u{7f}";

/// Every line is one of ours, and no character is more than a character.
#[track_caller]
fn is_harmless(finished: &Finished) {
    for text in [&finished.stdout, &finished.stderr] {
        let foreign = text.chars().find(|letter| {
            letter.is_control() && *letter != '\n'
                || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(foreign, None, "{text:?}");
        assert!(
            !text.lines().any(|line| line.starts_with("forged")),
            "{text}"
        );
    }
}

#[test]
fn what_documents_and_files_say_cannot_write_on_the_terminal() {
    let sandbox = Sandbox::new();
    let good = json!({ "name": "io.example/one", "description": HOSTILE, "title": HOSTILE, "version": HOSTILE });
    let bad = format!(
        "{{\"name\":\"io.example/two\",\"description\":\"x\",\"version\":\"1\",{0}:{{\"a\":1,\"a\":2}}}}",
        json!(HOSTILE)
    );
    let name = "a\u{1b}[31m\nforged.json";
    sandbox.file(name, format!("[{good},{bad}]"));

    let imported = sandbox.underpin(["registry", "import", name]).run();
    is_harmless(imported.is(1, "...\n2 read: 1 imported, 1 rejected\n", "..."));
    assert!(
        imported.stdout.contains("duplicate-key"),
        "{}",
        imported.stdout
    );
    is_harmless(
        sandbox
            .underpin(["registry", "check", name])
            .run()
            .is(1, "...", ""),
    );

    let listed = sandbox.underpin(["registry", "list"]).run();
    is_harmless(listed.is(0, "io.example/one  1\\u{1b}[31m[..]\n", "..."));
    let listed = sandbox.underpin(["registry", "list", "--json"]).run();
    is_harmless(listed.is(0, "...", "..."));
    let servers: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(servers["servers"][0]["version"], HOSTILE);

    for arguments in [
        vec!["registry", "import", HOSTILE],
        vec!["registry", HOSTILE],
        vec!["--config", HOSTILE, "config", "show"],
        vec!["registry", "list", "--cursor", HOSTILE],
    ] {
        let finished = sandbox.underpin(&arguments).run();
        assert_ne!(finished.code, Some(0), "{arguments:?}");
        is_harmless(&finished);
    }
}

#[test]
fn what_a_server_says_cannot_write_on_the_terminal() {
    let sandbox = Sandbox::new();
    let url = "postgres://app@127.0.0.1:1/\u{1b}[31mapp";
    for command in [
        &["verify"][..],
        &["health"],
        &["registry", "list"],
        &["config", "show"],
    ] {
        is_harmless(&sandbox.underpin(command).env("DATABASE_URL", url).run());
    }
}

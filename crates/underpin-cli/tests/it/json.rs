//! `--json` prints one JSON document to stdout and nothing else there.

use crate::harness::Sandbox;

#[test]
fn every_result_is_one_json_document() {
    let sandbox = Sandbox::new();
    sandbox
        .underpin(["migrate", "up", "--builtin"])
        .run()
        .is(0, "...", "...");
    for command in [
        &["verify", "--json"][..],
        &["health", "--json"],
        &["config", "show", "--json"],
        &["migrate", "status", "--builtin", "--json"],
        &["migrate", "up", "--builtin", "--json"],
        &["registry", "list", "--json"],
        &["db", "url", "--json"],
        &["openapi"],
    ] {
        let finished = sandbox.underpin(command).run();
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&finished.stdout);
        assert!(
            parsed.is_ok(),
            "{command:?}: {parsed:?}\nstdout:\n{}\nstderr:\n{}",
            finished.stdout,
            finished.stderr
        );
        assert_eq!(finished.code, Some(0), "{command:?}: {}", finished.stderr);
    }
}

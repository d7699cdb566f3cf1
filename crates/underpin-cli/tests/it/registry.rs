//! `underpin registry`: what is imported is listed, exported and imported again; bad input is named.

use crate::harness::{DEADLINE, Sandbox};
use serde_json::{Value, json};

fn server(name: &str, version: &str) -> Value {
    json!({ "name": name, "version": version, "description": "It's a server" })
}

/// A machine whose cluster keeps running between the commands.
fn machine() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    sandbox
}

#[test]
fn a_registry_is_filled_listed_and_exported() {
    let sandbox = machine();
    let two = json!([
        server("com.example/one", "1.0.0"),
        server("com.example/two", "2.0.0")
    ]);
    sandbox.file("servers/a.json", two.to_string());
    sandbox.file(
        "servers/deep/b.json",
        server("com.example/one", "1.1.0").to_string(),
    );
    let import = || sandbox.underpin(["registry", "import", "servers"]).run();
    import().is(0, "3 read: 3 imported", "...");
    import().is(
        0,
        "3 read: 0 imported, 3 unchanged; nothing has changed",
        "...",
    );
    let one = "com.example/one  1.1.0  It's a server";
    let two = "com.example/two  2.0.0  It's a server";
    sandbox
        .underpin(["registry", "list"])
        .run()
        .is(0, &format!("{one}\n{two}"), "...");
    sandbox
        .underpin(["registry", "list", "--search", "TWO"])
        .run()
        .is(0, two, "...");
    for format in ["v0.1", "documents"] {
        let export = [
            "registry", "export", "--format", format, "--output", "all.json",
        ];
        sandbox
            .underpin(export)
            .run()
            .is(0, "", "...\n3 versions exported\n...");
        let exported = std::fs::read(sandbox.work().join("all.json")).unwrap();
        let import = sandbox
            .underpin(["registry", "import", "-"])
            .stdin(exported)
            .run();
        import.is(
            0,
            "3 read: 0 imported, 3 unchanged; nothing has changed",
            "...",
        );
    }
}

#[test]
fn bad_documents_fail_the_import_after_the_rest_is_stored() {
    let sandbox = machine();
    let documents = json!([
        server("bad name", "1.0.0"),
        server("com.example/good", "1.0.0"),
        server("a/b", "^1")
    ]);
    sandbox.file("mixed.json", format!("{documents:#}"));
    sandbox.underpin(["registry", "import", "mixed.json"]).run().is(
        1,
        "mixed.json:2: document 1, bad name 1.0.0 rejected\n  name: must be [..] (pattern)\n\
         mixed.json:12: document 3, a/b ^1 rejected\n  version: must name one release, \"^1\" is a range (version-range)\n\
         3 read: 1 imported, 2 rejected",
        "...",
    );
    sandbox.underpin(["registry", "list"]).run().is(
        0,
        "com.example/good  1.0.0  It's a server",
        "...",
    );
}

#[test]
fn unusable_input_is_named_and_needs_no_database() {
    let sandbox = Sandbox::new();
    let check = |content: &[u8], expected: &str| {
        sandbox.file("x.json", content);
        let lines = format!("x.json: rejected\n  {expected}\n1 read: 0 valid, 1 invalid");
        sandbox
            .underpin(["registry", "check", "x.json"])
            .run()
            .is(1, &lines, "");
    };
    check(
        b"{\"name\":\n x}",
        "malformed JSON at line 2 column 2: expected value (json)",
    );
    check(b"\xff", "invalid UTF-8 at byte 0, line 1 (utf-8)");
    check(
        &vec![b' '; 100_000_000],
        "has more than 64 MiB; split it into several files (size)",
    );
    sandbox.underpin(["registry", "check", "missing"]).run().is(
        1,
        "",
        "error: could not read missing\n...",
    );
    sandbox
        .underpin(["registry", "list", "--limit", "-1"])
        .run()
        .is(2, "", "error: [..] -1 is not in 1..=100\n...");
    assert!(
        !sandbox.cluster().exists(),
        "nothing of this needs a cluster"
    );
}

#[test]
fn a_database_without_tables_is_told_from_an_empty_registry() {
    let sandbox = machine();
    let list = || sandbox.underpin(["registry", "list"]).run();
    list().is(
        1,
        "",
        "...\nhint: the registry's tables are missing: run `underpin migrate up --builtin`",
    );
    // An import makes the tables first.
    let import = sandbox
        .underpin(["registry", "import", "-"])
        .stdin("[]")
        .run();
    import.is(0, "0 read: 0 imported; nothing has changed", "...");
    list().is(
        0,
        "",
        "...\nno servers; `underpin registry import PATH` stores some",
    );
}

#[test]
fn our_own_service_passes_the_check_of_a_registry() {
    let sandbox = Sandbox::new();
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .start();
    let url = crate::serve::address(&service);
    let documents = Value::from_iter(
        (0..3).map(|number| server(&format!("com.example/s{number}"), "1.0.0+2013")),
    );
    let import = sandbox
        .underpin(["registry", "import", "-"])
        .stdin(documents.to_string())
        .run();
    import.is(0, "3 read: 3 imported", "...");
    sandbox.underpin(["registry", "check", &url]).run().is(
        0,
        "ok   list: [..]\nok   documents: all valid\nok   cursor: page 2 follows page 1\nok   search: [..]\n\
         ok   versions: [..]\nok   latest: [..]\nok   missing: 404 with an error text\n\
         ok   bad input: refused with 4xx\nok   cors: open to every origin",
        "",
    );
    service.terminate();
    service.wait(DEADLINE).is(0, "...", "...");
    let gone = sandbox.underpin(["registry", "check", &url]).run();
    gone.is(1, "fail list: GET [..] could not connect to [..]", "");
}

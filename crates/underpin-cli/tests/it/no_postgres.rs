//! A machine without PostgreSQL: the error says what was looked for and how to get it.

use crate::harness::Sandbox;

#[test]
fn missing_binaries_are_explained() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.work().join("nowhere");
    for command in [["registry", "list"], ["db", "start"]] {
        let invocation = sandbox
            .underpin(command)
            .env("PATH", "")
            .env("UNDERPIN_POSTGRES_BIN", &nowhere);
        invocation
            .run()
            .is(1, "", "error: [..]\n...\nhint: [..]\n...");
    }
}

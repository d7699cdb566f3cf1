//! `underpin serve` from start to SIGTERM, on a machine that has only PostgreSQL's binaries.

use crate::harness::{DEADLINE, Running, Sandbox, get};

/// Two servers as the registry publishes them.
const SERVERS: &str = r#"{"servers": [
  {"server": {"$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    "name": "io.example/one", "description": "The first", "version": "1.0.0"}},
  {"server": {"$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    "name": "io.example/two", "description": "The second", "version": "2.0.0"}}
], "metadata": {"count": 2}}"#;

/// The address in the line that says that the service is ready.
pub(crate) fn address(service: &Running) -> String {
    let line = service.line_with("http://");
    let start = line.find("http://").unwrap();
    let end = line[start..].find(|letter: char| letter.is_whitespace() || letter == '"');
    let url = end.map_or(&line[start..], |end| &line[start..start + end]);
    url.trim_end_matches('/').to_owned()
}

#[test]
fn a_service_starts_answers_and_ends_in_good_order() {
    let sandbox = Sandbox::new();
    sandbox.file("servers.json", SERVERS);
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .start();
    let url = address(&service);

    // A second process on the same embedded cluster attaches.
    sandbox
        .underpin(["registry", "import", "servers.json"])
        .run()
        .is(0, "...", "...");

    for (path, expected) in [
        ("livez", ""),
        ("readyz", ""),
        ("health", "\"status\":\"pass\""),
        ("metrics", "# TYPE "),
        ("metrics", "db_client_operation_duration_seconds_bucket"),
        ("metrics", "db_client_connection_wait_time_seconds_count"),
        ("openapi.json", "\"openapi\""),
        ("v0.1/servers", "io.example/two"),
        ("v0.1/servers/io.example%2Fone/versions/latest", "\"1.0.0\""),
    ] {
        let answer = get(&format!("{url}/{path}"));
        assert_eq!(
            answer.status, 200,
            "{path}: {}\n{}",
            answer.head, answer.body
        );
        assert!(answer.body.contains(expected), "{path}: {}", answer.body);
    }
    let missing = get(&format!("{url}/v0.1/servers/io.example%2Fnone/versions"));
    assert_eq!(missing.status, 404, "{}", missing.body);

    service.terminate();
    service.wait(DEADLINE).is(0, "...", "...");
}

#[test]
fn a_name_of_this_machine_is_an_address() {
    let sandbox = Sandbox::new();
    let service = sandbox
        .underpin(["serve", "--listen", "localhost:0"])
        .start();
    let url = address(&service);
    assert_eq!(get(&format!("{url}/livez")).status, 200);
    service.terminate();
    service.wait(DEADLINE).is(0, "...", "...");
}

#[test]
fn a_port_in_use_says_so() {
    let sandbox = Sandbox::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let finished = sandbox.underpin(["serve", "--listen", &address]).run();
    finished.is(1, "...", "...\nerror: [..]\n...");
    assert!(finished.stderr.contains(&address), "{}", finished.stderr);
    assert!(finished.stderr.contains("in use"), "{}", finished.stderr);
}

#[test]
fn ctrl_c_ends_in_good_order_too() {
    let sandbox = Sandbox::new();
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .start();
    address(&service);
    service.interrupt();
    service.wait(DEADLINE).is(0, "...", "...");
}

#[test]
fn no_log_level_prints_parameters() {
    let sandbox = Sandbox::new();
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .env("LOG_LEVEL", "trace")
        .start();
    let url = address(&service);
    let answer = get(&format!("{url}/v0.1/servers?search=p4rameter"));
    assert_eq!(answer.status, 200);
    service.terminate();
    let finished = service.wait(DEADLINE);
    assert!(finished.stderr.contains("DEBUG"), "{}", finished.stderr);
    finished.hides("p4rameter");
}

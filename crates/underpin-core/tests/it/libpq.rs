//! Our parser beside libpq's own, asked through Python, on every combination of a few good and bad pieces.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use underpin_core::DatabaseUrl;
use underpin_core::url::{DEFAULT_PORT, Host};

const USERS: [&str; 9] = [
    "",
    "u@",
    "u:p@",
    "u:p%40w@",
    "u:@",
    "u:p:q?#@",
    "%zz@",
    "u%2Fx:%25@",
    "u%00@",
];
const HOSTS: [&str; 14] = [
    "", "h", "h:1", "h:", "[::1]", "[::1]:2", "[::1", "[::1]x", "a,b", "a:1,b:2", "%2Frun", "a,",
    ",b", "::1",
];
const PATHS: [&str; 5] = ["", "/", "/d", "/d%20e%2Ff", "/%4"];
const QUERIES: [&str; 9] = [
    "",
    "?",
    "?sslmode=prefer",
    "?host=/tmp&port=3",
    "?nonsense=b",
    "?sslmode",
    "?user=z&password=y",
    "?application_name=a+b%20c",
    "?sslmode=require&dbname=q",
];
const WORDS: [&str; 14] = [
    "user=u host=h",
    "user = u  host\t=\nh",
    "user=u password='it\\'s' host=h",
    "user=u password=it\\'s\\ x",
    "user=u password='' host=''",
    "user=u password=",
    "user=u password='a\\\\b'",
    "user=u password=a'b",
    "user=u dbname='a b' port=1",
    "user=u host=a,b port=1,2",
    "user=u nonsense=1",
    "user=u host",
    "user=u host 'h'",
    "user='u",
];

#[test]
fn every_string_means_what_it_means_to_libpq() {
    let mut texts: Vec<_> = WORDS.into_iter().map(String::from).collect();
    for user in USERS {
        for host in HOSTS {
            for path in PATHS {
                texts
                    .extend(QUERIES.map(|query| format!("postgresql://{user}{host}{path}{query}")));
            }
        }
    }
    let Some(answers) = ask_libpq(&texts) else {
        println!("skipped: there is no python3 with libpq");
        return;
    };
    let mut agreed = 0;
    for (text, answer) in texts.iter().zip(&answers) {
        match (text.parse::<DatabaseUrl>(), answer.as_object()) {
            (Ok(url), Some(said)) => {
                assert_eq!(ours(&url), theirs(said), "{text}");
                agreed += 1;
            }
            (Ok(url), None) => panic!("libpq refuses {text}, we read {url}"),
            // We may be stricter: a missing user, an unescaped special character.
            (Err(_), _) => {}
        }
    }
    assert!(
        agreed > 500,
        "only {agreed} of {} were read by both",
        texts.len()
    );
}

/// User, password, database, hosts with ports.
type Parts = [String; 4];

fn ours(url: &DatabaseUrl) -> Parts {
    let host = |host: &Host| match host {
        Host::Tcp { name, port } => format!("{name} {port}"),
        Host::Unix { directory, port } => format!("{} {port}", directory.display()),
    };
    let hosts: Vec<_> = url.hosts.iter().map(host).collect();
    let password = url
        .password
        .as_ref()
        .map(|password| password.expose().clone());
    [
        url.user.clone(),
        password.unwrap_or_default(),
        url.database.clone(),
        hosts.join(","),
    ]
}

fn theirs(said: &serde_json::Map<String, serde_json::Value>) -> Parts {
    let get = |name: &str| {
        String::from(
            said.get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default(),
        )
    };
    let or = |text: &str, default: String| {
        if text.is_empty() {
            default
        } else {
            String::from(text)
        }
    };
    let (all_hosts, all_ports) = (get("host"), get("port"));
    let ports: Vec<_> = all_ports.split(',').collect();
    let hosts = all_hosts.split(',').enumerate().map(|(index, host)| {
        let port = ports.get(index).unwrap_or(&ports[0]);
        format!(
            "{} {}",
            or(host, String::from("localhost")),
            or(port, DEFAULT_PORT.to_string())
        )
    });
    let hosts: Vec<_> = hosts.collect();
    [
        get("user"),
        get("password"),
        or(&get("dbname"), get("user")),
        hosts.join(","),
    ]
}

fn ask_libpq(texts: &[String]) -> Option<Vec<serde_json::Value>> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/libpq.py");
    let mut python = Command::new("python3");
    let mut child = python
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<_> = texts
        .iter()
        .map(|text| serde_json::to_string(text).unwrap())
        .collect();
    // A thread of its own: the answers would fill their pipe before all questions are written.
    let writer = std::thread::spawn(move || stdin.write_all(lines.join("\n").as_bytes()));
    let output = child.wait_with_output().unwrap();
    // Fails when the child ended early, which its status says better.
    let _ = writer.join().unwrap();
    if !output.status.success() {
        return None;
    }
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), texts.len());
    Some(answers)
}

//! What VS Code and Copilot need of a registry: the v0.1 read API, and what its text leaves unsaid.

use super::client::{Answer, Client};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use underpin_core::{Chain, counted};
use underpin_stores::registry::validate;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Ok,
    /// Clients get by.
    Warn,
    /// Some client fails.
    Fail,
    /// Nothing to check it on.
    Skip,
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    name: &'static str,
    outcome: Outcome,
    text: String,
}

impl Check {
    fn of(name: &'static str, found: Found) -> Self {
        let (outcome, text) = match found {
            Ok(Verdict::Fine(text)) => (Outcome::Ok, text),
            Ok(Verdict::Warning(text)) => (Outcome::Warn, text),
            Ok(Verdict::Skipped(text)) => (Outcome::Skip, text),
            Err(error) => (Outcome::Fail, Chain(error.as_ref()).to_string()),
        };
        Self {
            name,
            outcome,
            text,
        }
    }

    pub(super) fn is_failure(&self) -> bool {
        self.outcome == Outcome::Fail
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Ok => "ok",
            Outcome::Warn => "warn",
            Outcome::Fail => "fail",
            Outcome::Skip => "skip",
        };
        write!(f, "{outcome:<4} {}: {}", self.name, self.text)
    }
}

/// What a rule finds: fine, or a warning. An error is a failure.
type Found = anyhow::Result<Verdict>;

enum Verdict {
    Fine(String),
    Warning(String),
    Skipped(String),
}

fn fine(text: impl Into<String>) -> Found {
    Ok(Verdict::Fine(text.into()))
}

/// Runs every rule; when the list itself fails, only it is told.
pub(super) async fn all(client: &Client) -> Vec<Check> {
    let page = match list(client).await {
        Ok(page) => page,
        Err(error) => return vec![Check::of("list", Err(error))],
    };
    let listed = fine(format!(
        "{} on the first page",
        counted(page.len(), "server")
    ));
    vec![
        Check::of("list", listed),
        Check::of("documents", documents(&page)),
        Check::of("cursor", cursor(client, &page).await),
        Check::of("search", search(client, &page).await),
        Check::of("versions", versions(client, page.first()).await),
        Check::of("latest", latest(client, page.first()).await),
        Check::of("missing", missing(client).await),
        Check::of("bad input", bad_input(client).await),
        Check::of("cors", cors(client).await),
    ]
}

/// As VS Code asks: a page of latest versions.
async fn list(client: &Client) -> anyhow::Result<Vec<Value>> {
    let page = page(client, "/v0.1/servers?limit=50&version=latest").await?;
    for entry in &page.servers {
        let name = text(entry, "/server/name");
        for field in ["name", "description", "version"] {
            let value = text(entry, &format!("/server/{field}"));
            anyhow::ensure!(
                !value.is_empty(),
                "server {name:?} has no {field}: VS Code drops the whole page"
            );
        }
        anyhow::ensure!(
            entry.get("_meta").is_some_and(Value::is_object),
            "server {name:?} has no _meta object beside it: VS Code drops the whole page"
        );
    }
    Ok(page.servers)
}

fn documents(page: &[Value]) -> Found {
    let mut unmarked = 0;
    for entry in page {
        let name = text(entry, "/server/name");
        if let Some(fault) = validate(&entry["server"]).first() {
            return Ok(Verdict::Warning(format!(
                "{name} is no valid server.json: {fault}"
            )));
        }
        let official = &entry["_meta"]["io.modelcontextprotocol.registry/official"];
        unmarked += usize::from(!official.get("status").is_some_and(Value::is_string));
    }
    if unmarked > 0 {
        let text = format!(
            "{unmarked} without official metadata: clients take them for active and latest"
        );
        return Ok(Verdict::Warning(text));
    }
    if page.is_empty() {
        nothing()
    } else {
        fine("all valid")
    }
}

/// VS Code sends the cursor without encoding it, and nothing but limit and version beside it.
async fn cursor(client: &Client, first_page: &[Value]) -> Found {
    let first = page(client, "/v0.1/servers?limit=1&version=latest").await?;
    anyhow::ensure!(
        first.servers.len() <= 1,
        "limit=1 gives {} servers",
        first.servers.len()
    );
    let Some(cursor) = first.next_cursor else {
        anyhow::ensure!(
            first_page.len() <= 1,
            "there are more servers, but limit=1 gives no nextCursor"
        );
        return nothing();
    };
    let is_plain = cursor
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    anyhow::ensure!(
        is_plain,
        "nextCursor {cursor:?} would have to be encoded, which VS Code does not do"
    );
    let second = page(
        client,
        &format!("/v0.1/servers?limit=1&version=latest&cursor={cursor}"),
    )
    .await?;
    let names = [&first.servers, &second.servers]
        .map(|servers| servers.first().map(|entry| text(entry, "/server/name")));
    anyhow::ensure!(names[0] != names[1], "page 2 repeats page 1");
    fine("page 2 follows page 1")
}

/// From page 2 on, VS Code drops the search: the cursor has to carry it.
async fn search(client: &Client, first_page: &[Value]) -> Found {
    let Some(last) = first_page.last() else {
        return nothing();
    };
    let name = text(last, "/server/name");
    let wanted = name.rsplit('/').next().unwrap_or_default().to_uppercase();
    let found = page(
        client,
        &format!(
            "/v0.1/servers?limit=1&version=latest&search={}",
            encode(&wanted)
        ),
    )
    .await?;
    let Some(first) = found.servers.first() else {
        anyhow::bail!("a search for {wanted:?} does not find {name}")
    };
    let contains = |entry: &Value| entry["server"].to_string().to_uppercase().contains(&wanted);
    anyhow::ensure!(
        contains(first),
        "a search for {wanted:?} finds {}",
        text(first, "/server/name")
    );
    if let Some(cursor) = found.next_cursor {
        let second = page(
            client,
            &format!("/v0.1/servers?limit=1&version=latest&cursor={cursor}"),
        )
        .await?;
        anyhow::ensure!(
            second.servers.iter().all(contains),
            "page 2 of a search is not searched: the cursor does not carry the text"
        );
    }
    fine(format!("{wanted:?} finds {}", text(first, "/server/name")))
}

async fn versions(client: &Client, entry: Option<&Value>) -> Found {
    let Some(entry) = entry else { return nothing() };
    let (name, version) = (text(entry, "/server/name"), text(entry, "/server/version"));
    let all = page(client, &format!("/v0.1/servers/{}/versions", encode(name))).await?;
    let is_listed = all
        .servers
        .iter()
        .any(|entry| text(entry, "/server/version") == version);
    anyhow::ensure!(is_listed, "the versions of {name} do not include {version}");
    fine(format!(
        "{name} has {}",
        counted(all.servers.len(), "version")
    ))
}

async fn latest(client: &Client, entry: Option<&Value>) -> Found {
    let Some(entry) = entry else { return nothing() };
    let (name, version) = (text(entry, "/server/name"), text(entry, "/server/version"));
    for asked in ["latest", version] {
        let path = format!("/v0.1/servers/{}/versions/{}", encode(name), encode(asked));
        let found = expect(client.get(&path).await?, 200, &path)?.json()?;
        let found = text(&found, "/server/version").to_owned();
        anyhow::ensure!(
            found == version,
            "{path} gives version {found:?}, the list says {version:?}"
        );
    }
    fine(format!("{name} {version}, under both names"))
}

async fn missing(client: &Client) -> Found {
    let path = "/v0.1/servers/com.example.underpin-check%2Fmissing/versions/latest";
    let answer = expect(client.get(path).await?, 404, path)?;
    if answer
        .json()
        .is_ok_and(|body| body.get("error").is_some_and(Value::is_string))
    {
        fine("404 with an error text")
    } else {
        Ok(Verdict::Warning(
            "404 without the {\"error\": …} body that the API describes".into(),
        ))
    }
}

async fn bad_input(client: &Client) -> Found {
    for query in ["cursor=%00forged", "updated_since=yesterday", "limit=-1"] {
        let path = format!("/v0.1/servers?{query}");
        let status = client.get(&path).await?.status;
        anyhow::ensure!(status < 500, "{path} gives {status}, not 400");
        if !(400..500).contains(&status) {
            return Ok(Verdict::Warning(format!("{path} gives {status}, not 400")));
        }
    }
    fine("refused with 4xx")
}

async fn cors(client: &Client) -> Found {
    let path = "/v0.1/servers?limit=1";
    for answer in [client.get(path).await?, client.options(path).await?] {
        let is_open = answer.header("access-control-allow-origin") == "*";
        anyhow::ensure!(
            is_open,
            "Access-Control-Allow-Origin is not *: pages and editors in a browser are blocked"
        );
    }
    let answer = client.options(path).await?;
    anyhow::ensure!(
        (200..300).contains(&answer.status),
        "OPTIONS gives {}",
        answer.status
    );
    let allowed = answer.header("access-control-allow-headers").to_lowercase();
    for header in ["authorization", "content-type"] {
        anyhow::ensure!(
            allowed.contains(header) || allowed == "*",
            "Access-Control-Allow-Headers lacks {header}"
        );
    }
    fine("open to every origin")
}

struct Page {
    servers: Vec<Value>,
    next_cursor: Option<String>,
}

async fn page(client: &Client, path: &str) -> anyhow::Result<Page> {
    let answer = expect(client.get(path).await?, 200, path)?;
    let body = answer.json()?;
    let servers = body.get("servers").and_then(Value::as_array);
    let servers =
        servers.ok_or_else(|| anyhow::anyhow!("{path}: the answer has no array `servers`"))?;
    let metadata = body.get("metadata").filter(|metadata| metadata.is_object());
    let metadata =
        metadata.ok_or_else(|| anyhow::anyhow!("{path}: the answer has no object `metadata`"))?;
    let next_cursor = metadata
        .get("nextCursor")
        .and_then(Value::as_str)
        .filter(|cursor| !cursor.is_empty());
    Ok(Page {
        servers: servers.clone(),
        next_cursor: next_cursor.map(String::from),
    })
}

fn expect(answer: Answer, status: u16, path: &str) -> anyhow::Result<Answer> {
    anyhow::ensure!(
        answer.status == status,
        "GET {path} gives {}, not {status}",
        answer.status
    );
    Ok(answer)
}

fn nothing() -> Found {
    Ok(Verdict::Skipped("too few servers to tell".into()))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Percent-encodes everything but what needs no encoding anywhere.
fn encode(text: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|byte| {
            if is_plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_encoded() {
        assert_eq!(encode("com.example/my-server"), "com.example%2Fmy-server");
        assert_eq!(encode("1.0.0+2013"), "1.0.0%2B2013");
    }
}

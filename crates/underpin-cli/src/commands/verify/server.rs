//! Does the server answer, and is its version supported?

use super::SERVER;
use super::check::Check;
use std::time::Instant;
use underpin_pool::{Options, ServerVersion, Session};

/// The oldest major version this program is written for.
const OLDEST_MAJOR: u32 = 14;
/// The newest major version this program is tested on.
const NEWEST_MAJOR: u32 = 18;

pub(super) async fn check(options: &Options) -> (Check, Option<Session>) {
    let start = Instant::now();
    match Session::connect(options).await {
        Err(error) => (Check::error(SERVER, &error), None),
        Ok(session) => {
            let check = judge(session.server_version(), start.elapsed().as_millis());
            let is_usable = !check.is_failure();
            (check, is_usable.then_some(session))
        }
    }
}

fn judge(version: ServerVersion, milliseconds: u128) -> Check {
    let text = format!("PostgreSQL {version}, connected in {milliseconds} ms");
    if version.major < OLDEST_MAJOR {
        return Check::fail(
            SERVER,
            format!("{text}; too old: {OLDEST_MAJOR} to {NEWEST_MAJOR} are supported"),
        )
        .hint(format!("upgrade the server to PostgreSQL {NEWEST_MAJOR}"));
    }
    if version.major > NEWEST_MAJOR {
        return Check::warn(
            SERVER,
            format!("{text}; newer than what was tested ({OLDEST_MAJOR} to {NEWEST_MAJOR})"),
        );
    }
    Check::ok(SERVER, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_fail_and_newer_ones_are_warned_about() {
        let check = |version: &str, expected: &str| {
            let line = judge(ServerVersion::parse(version), 2).to_string();
            assert!(line.starts_with(expected), "{line}");
        };
        check("13.9", "fail server: PostgreSQL 13.9");
        check("14.0", "ok   server: PostgreSQL 14.0");
        check("18.1", "ok   server: PostgreSQL 18.1");
        check("19.0", "warn server: PostgreSQL 19.0");
    }
}

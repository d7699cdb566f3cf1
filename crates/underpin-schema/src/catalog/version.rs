//! Versions of PostgreSQL, and statements that differ between them.

use crate::Error;
use std::borrow::Cow;
use underpin_core::ErrorKind;
use underpin_pool::Executor;

const OLDEST_MAJOR: i32 = 14;

/// The major version of the server.
pub(super) async fn of_server(executor: &impl Executor) -> Result<i32, Error> {
    let sql = "SELECT current_setting('server_version_num')::int / 10000";
    let major = executor.query_one(sql, &[]).await?.get(0)?;
    if major < OLDEST_MAJOR {
        let message = format!("the server is PostgreSQL {major}, older than {OLDEST_MAJOR}");
        return Err(Error::new(ErrorKind::Unsupported, message)
            .with_hint("upgrade the server: its version gets no fixes any more"));
    }
    Ok(major)
}

/// Chooses among `{{17: since 17 | 15: since 15 | before}}`, newest first.
pub(super) fn statement_for(major: i32, sql: &str) -> Cow<'_, str> {
    let mut rest = sql;
    let mut chosen = String::new();
    while let Some((before, choice, after)) = next_choice(rest) {
        chosen.push_str(before);
        chosen.push_str(choose(major, choice));
        rest = after;
    }
    if chosen.is_empty() {
        return Cow::Borrowed(sql);
    }
    chosen.push_str(rest);
    Cow::Owned(chosen)
}

fn next_choice(sql: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = sql.split_once("{{")?;
    let (choice, after) = rest.split_once("}}")?;
    Some((before, choice, after))
}

fn choose(major: i32, choice: &str) -> &str {
    let mut alternatives = choice.split(" | ");
    let since = |alternative: &str| -> Option<i32> {
        let (version, _) = alternative.split_once(": ")?;
        version.trim().parse().ok()
    };
    let fitting = alternatives.find(|alternative| since(alternative).is_none_or(|v| v <= major));
    match fitting {
        Some(text) if since(text).is_some() => text.split_once(": ").map_or(text, |(_, sql)| sql),
        Some(text) => text,
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_fitting_alternative_is_chosen() {
        let check = |major, expected: &str| {
            let sql = "SELECT {{17: c.a | 15: c.b::text | NULL}}::text, {{18: d | e}} FROM c";
            assert_eq!(statement_for(major, sql), expected);
        };
        check(14, "SELECT NULL::text, e FROM c");
        check(16, "SELECT c.b::text::text, e FROM c");
        check(18, "SELECT c.a::text, d FROM c");
    }

    #[test]
    fn a_statement_without_a_choice_stays_as_it_is() {
        assert_eq!(statement_for(15, "SELECT 1"), "SELECT 1");
    }
}

//! Names that mean nothing: a misspelt setting must not be ignored.

use super::file::Settings;
use super::problem::Problem;

/// Variables that begin like this are ours, so an unknown one is a mistake.
const OUR_PREFIXES: [&str; 2] = ["DB_POOL_", "UNDERPIN_"];

/// Except these, which tests and tools read for themselves.
const TOOL_PREFIXES: [&str; 2] = ["UNDERPIN_TEST_", "UNDERPIN_BENCH_"];

/// Keys and sections of the settings file that no setting has.
pub(super) fn keys(file: &Settings, known: &[&str]) -> Vec<Problem> {
    let is_section = |name: &str| {
        known
            .iter()
            .any(|key| key.starts_with(name) && key[name.len()..].starts_with('.'))
    };
    let path = file.path.display();
    let values = file
        .values
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_str()));
    let values = values.map(|(key, value)| {
        let place = format!("{path} line {}", value.line);
        if is_section(key) {
            return Problem::new(format!("{key} ({place}) is a section, not a key")).with_hint(
                format!("write [{key}] on a line of its own, and its keys below"),
            );
        }
        unknown("key", key, &place, known)
    });
    let has_values = |section: &str| {
        file.values
            .keys()
            .any(|key| key.starts_with(&format!("{section}.")))
    };
    let tables = file
        .tables
        .iter()
        .filter(|(name, _)| !is_section(name) && !has_values(name));
    let tables =
        tables.map(|(name, line)| unknown("section", name, &format!("{path} line {line}"), known));
    values.chain(tables).collect()
}

/// Flags that set no known key: a mistake in the program, not its user's.
pub(super) fn flags<'a>(
    flags: impl Iterator<Item = (&'a str, String)>,
    known: &[&str],
) -> Vec<Problem> {
    let flags = flags.filter(|(key, _)| !known.contains(key));
    flags
        .map(|(key, place)| unknown("key", key, &place, known))
        .collect()
}

/// Variables with our prefixes that no setting reads.
pub(super) fn variables<'a>(
    variables: impl Iterator<Item = (&'a str, String)>,
    known: &[&str],
) -> Vec<Problem> {
    let begins =
        |name: &str, prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let variables =
        variables.filter(|(name, _)| begins(name, &OUR_PREFIXES) && !begins(name, &TOOL_PREFIXES));
    let variables = variables.filter(|(name, _)| !known.contains(name));
    variables
        .map(|(name, place)| unknown("variable", name, &place, known))
        .collect()
}

fn unknown(what: &str, name: &str, place: &str, known: &[&str]) -> Problem {
    let problem = Problem::new(format!("unknown {what} {name} ({place})"));
    match nearest(name, known) {
        Some(known) => problem.with_hint(format!("did you mean {known} in place of {name}?")),
        None => problem.with_hint("`underpin config show` lists every setting"),
    }
}

/// The known name with the fewest changes, when it is near enough to be meant.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let best = known.iter().min_by_key(|known| distance(known))?;
    (distance(best) <= 2 + name.len() / 8).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_when_it_is_near() {
        let known = ["pool.size", "pool.timeout", "server.listen"];
        assert_eq!(nearest("pool.sizes", &known), Some("pool.size"));
        assert_eq!(nearest("pool.tiemout", &known), Some("pool.timeout"));
        assert_eq!(nearest("sever.lisen", &known), Some("server.listen"));
        assert_eq!(nearest("logfire.token", &known), None);
    }
}
